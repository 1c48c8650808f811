package contract

import (
	"strings"
	"testing"
)

// ages has a clause of each age: R-10 always, R-13 from 1.5, R-51 from 1.8 and
// C-04 from 1.5, the last two of a capability that came with 1.5.
const ages = `
section: Ages
clauses:
- {id: R-10, class: M, capability: restore, sentence: Holds., source: s, checked: suite}
- {id: R-13, class: V, since: "1.5", capability: restore, sentence: Works., before: Is refused., source: s, checked: suite}
- {id: R-51, class: V, since: "1.8.1", capability: bi, sentence: Is refused., before: Is bound., source: s, checked: suite}
- {id: C-04, class: V, since: "1.5", capability: bi, sentence: Is an image., before: Is unknown., source: s, checked: suite}
- {id: R-45, class: M, capability: bi, sentence: Has the bytes., source: s, checked: suite}
- {id: R-16, class: V, since: "1.10", capability: restore, sentence: Can be chosen., source: s, checked: suite}
- {id: I-05, class: V, until: "1.9", capability: api, sentence: Is not offered., source: s, checked: suite}
`

func TestSpecsKnowWhatTheyAreAbout(t *testing.T) {
	catalogue, err := parse(t, ages)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ labels, release, want string }{
		{"clause:R-10", "1.3", ""},
		{"restore clause:R-10 clause:R-13", "1.4", "R-13 holds from 1.5"},
		{"clause:R-10 clause:R-13", "1.5", ""},
		{"before:R-13", "1.4", ""},
		{"before:R-13", "1.5", "what this shows of R-13 ended with Longhorn 1.5"},
		{"both:R-13", "1.4", ""}, {"both:R-13", "1.12", ""},
		{"chosen:R-13", "1.4", ""}, {"chosen:R-13", "1.12", ""},
		{"needs:R-13", "1.4", "R-13 holds from 1.5"}, {"needs:R-13", "1.10", ""},
		{"clause:R-45", "1.4", "snapshots of type bi came with Longhorn 1.5"},
		{"bi clause:R-10", "1.4", "snapshots of type bi came with Longhorn 1.5"},
		{"bi clause:R-10", "1.5", ""},
		// What was before the capability is said by the clause that came with it.
		{"before:C-04", "1.4", ""}, {"before:C-04", "1.5", "what this shows of C-04 ended with Longhorn 1.5"},
		{"before:R-51", "1.4", "snapshots of type bi came with Longhorn 1.5"},
		{"before:R-51", "1.5", ""}, {"before:R-51", "1.7", ""},
		// 1.8 means its last patch.
		{"before:R-51", "1.8", "what this shows of R-51 ended with Longhorn 1.8.1"}, {"clause:R-51", "1.8", ""},
		// Each label for itself.
		{"clause:C-04 before:R-51", "1.7", ""}, {"clause:C-04 before:R-51", "1.9", "what this shows of R-51 ended with Longhorn 1.8.1"},
		{"clause:R-16", "1.9", "R-16 holds from 1.10"}, {"both:R-16", "1.9", ""}, {"both:R-45", "1.4", ""},
		{"clause:I-05", "1.9", ""}, {"clause:I-05", "1.10", "I-05 holds to 1.9"},
		{"clause:X-99 foo", "1.4", ""},
	}
	for _, c := range cases {
		if got := catalogue.OutOfScope(strings.Fields(c.labels), c.release); got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.labels, c.release, got, c.want)
		}
	}
}

func TestUncoveredClausesOfARelease(t *testing.T) {
	catalogue, err := parse(t, ages)
	if err != nil {
		t.Fatal(err)
	}
	specs := []Spec{
		{Name: "always", Labels: []string{"clause:R-10", "both:R-51"}},
		{Name: "after", Labels: []string{"clause:R-13", "clause:C-04"}},
		{Name: "chosen", Labels: []string{"chosen:R-13"}},
		{Name: "image", Labels: []string{"clause:R-45", "needs:R-16"}},
	}
	for release, want := range map[string]string{
		"1.4":  "C-04 I-05", // both sides of R-51 are in scope, also where there is none
		"1.5":  "I-05 R-45",
		"1.9":  "I-05 R-45",
		"1.12": "R-16",
	} {
		var ids []string
		for _, clause := range catalogue.Uncovered(specs, release) {
			ids = append(ids, clause.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: uncovered are %q, want %q", release, got, want)
		}
	}
	// A spec that chose an older release says nothing of what newer ones do.
	if missing := catalogue.Uncovered(specs[2:3], "1.12"); len(missing) != 6 {
		t.Errorf("with the spec that chooses a release alone, %d clauses are uncovered, want all 6", len(missing))
	}
}

func TestLabelsThatSayWhichReleasesAreChecked(t *testing.T) {
	catalogue, err := parse(t, ages)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"clause:R-10", "clause:R-13", "clause:R-51", "clause:C-04", "clause:R-45", "clause:R-16", "clause:I-05"}
	for label, want := range map[string]string{
		"needs:R-14":  `the spec "s" needs clause R-14, which does not exist`,
		"before:R-16": "has the label before:R-16, but clause R-16 does not say what older releases do",
		"chosen:R-45": "has the label chosen:R-45, but clause R-45 does not say",
		"before:R-99": `names clause R-99, which does not exist`,
		"before:R-13": "", "needs:R-16": "", "chosen:C-04": "",
	} {
		err := catalogue.Compare([]Spec{{Name: "s", Labels: append([]string{label}, all...)}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", label, err, want)
		}
	}
}
