package s3front

import (
	"strings"
	"testing"
)

func TestFaultsAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"hold","method":"PUT","key":"/blocks/","skip":3,"count":2}`: "",
		`{"kind":"slow","kilobytesPerSecond":100}`:                           "",
		`{"kind":"refuse"}`:                            "",
		`{"kind":"hold","keys":"x"}`:                   `unknown field "keys"`,
		`{"kind":"hold"} {"kind":"slow"}`:              "one fault at a time",
		`hold`:                                         "not the JSON",
		`{}`:                                           "unknown: use one of slow, hang,",
		`{"kind":"503"}`:                               `"503" is unknown`,
		`{"kind":"slow"}`:                              "kilobytesPerSecond to 1 or more",
		`{"kind":"hold","kilobytesPerSecond":1}`:       "has no rate",
		`{"kind":"hang","key":"x"}`:                    "acts on connections",
		`{"kind":"reset","count":1}`:                   "acts on connections",
		`{"kind":"hold","skip":-1}`:                    "must not be negative",
		`{"kind":"hold","method":"put"}`:               `method "put"`,
		`{"kind":"truncate-download","method":"HEAD"}`: "use one of GET",
		`{"kind":"truncate-upload","method":"GET"}`:    "use one of PUT",
		`{"kind":"storage-full","method":"DELETE"}`:    "use one of PUT, POST",
	} {
		fault, err := ParseFault([]byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want == "" && fault.String() != text:
			t.Errorf("%s became %s", text, fault)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want an error containing %q", text, err, want)
		}
	}
}

func TestEverythingWrongIsTold(t *testing.T) {
	err := Fault{Kind: TruncateUpload, Method: "GET", Skip: -1, KilobytesPerSecond: 5}.Validate()
	for _, want := range []string{"GET", "negative", "rate"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to contain %q", err, want)
		}
	}
}

func TestFaultThatMakesNoSenseChangesNothing(t *testing.T) {
	r := newRig(t)
	r.set(t, Fault{Kind: StorageFull})
	if err := r.Set(t.Context(), Fault{Kind: Slow}); err == nil {
		t.Error("a slow fault without rate was taken")
	}
	if fault := r.Stats().Fault; fault == nil || fault.Kind != StorageFull {
		t.Errorf("fault in force is %v, want the one before", fault)
	}
}
