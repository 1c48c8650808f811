package portal

import (
	"testing"

	"github.com/muster-csi/muster/internal/iscsi/failure"
)

func TestParseReadsWhatIscsiadmTakes(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.1":         "10.0.0.1:3260",
		"10.0.0.1:860":     "10.0.0.1:860",
		"10.0.0.1:3260,1":  "10.0.0.1:3260",
		"fd00::1":          "[fd00::1]:3260",
		"[fd00::1]":        "[fd00::1]:3260",
		"[fd00::1]:860,12": "[fd00::1]:860",
		"storage.local":    "storage.local:3260",
	} {
		got, err := Parse(text)
		if err != nil || got.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestParseRefusesWhatIsNoPortal(t *testing.T) {
	for _, text := range []string{"", ":3260", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:x", "10.0.0.1,x", "a b", "a/b", "fd00::1]:860", "u%p@host"} {
		got, err := Parse(text)
		if failure.CodeOf(err) != failure.Invalid {
			t.Errorf("%q is taken as %q, %v", text, got, err)
		}
	}
}
