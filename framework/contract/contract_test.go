package contract

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheContractOfThisBuildIsValid(t *testing.T) {
	catalogue, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"H-01", "C-20", "S-07", "D-27", "V-06", "R-10", "I-14"} {
		if _, ok := catalogue.Clause(id); !ok {
			t.Errorf("the contract lacks clause %s", id)
		}
	}
}

const good = `
section: Restore
clauses:
- id: R-10
  class: M
  sentence: A restored claim holds the snapshot's bytes.
  source: somewhere
  checked: suite
- id: R-13
  class: V
  since: "1.5"
  capability: restore
  sentence: A detached source works.
  before: A detached source is refused.
  means: Nothing can be restored while the application is scaled down.
  source: somewhere
  checked: open
  reason: nobody wrote the spec
`

func parse(t *testing.T, text string) (*Catalogue, error) {
	t.Helper()
	return Parse(fstest.MapFS{"restore.yaml": {Data: []byte(text)}})
}

func TestParseKeepsEveryField(t *testing.T) {
	catalogue, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := catalogue.Clause("R-13")
	want := Clause{ID: "R-13", Class: Versioned, Since: "1.5", Capability: Restore, Sentence: "A detached source works.",
		Before: "A detached source is refused.", Means: "Nothing can be restored while the application is scaled down.", Source: "somewhere", Checked: Open,
		Reason: "nobody wrote the spec", Section: "Restore"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseNamesEachMistake(t *testing.T) {
	cases := []struct{ name, old, replacement, want string }{
		{"unknown key", "source: somewhere\n  checked: suite", "source: somewhere\n  cheked: suite", `unknown field "cheked"`},
		{"class", "class: M", "class: X", "class must be M, V or Q"},
		{"version", `since: "1.5"`, `since: v1.5`, "since must be a version"},
		{"no version", "since: \"1.5\"\n  ", "", "needs since or until"},
		{"twice", "id: R-13", "id: R-10", "clause R-10 is defined twice"},
		{"id", "id: R-13", "id: restore", "the id must be"},
		{"open without reason", "\n  reason: nobody wrote the spec", "", "an open clause needs a reason"},
		{"no full stop", "A detached source works.", "A detached source works", "full stop"},
		{"capability", "capability: restore", "capability: restor", `unknown capability "restor"; did you mean restore?`},
		{"means without full stop", "scaled down.", "scaled down", "means is a sentence"},
		{"no source", "source: somewhere\n  checked: suite", "checked: suite", "source is missing"},
		{"checked", "checked: suite", "checked: maybe", "checked must be"},
		{"section", "section: Restore", "section: ''", "section is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the case replaces %q, which is not in the text", c.old)
			}
			_, err := parse(t, strings.Replace(good, c.old, c.replacement, 1))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestCompleteNamesWhatAUserWouldMiss(t *testing.T) {
	catalogue, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	want := "clause R-10 needs a capability\nclause R-10 needs means: what does a violation do to a user?"
	if err := catalogue.Complete(); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	whole := strings.Replace(good, "class: M", "class: M\n  capability: restore\n  means: Data are lost.", 1)
	if catalogue, err = parse(t, whole); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Complete(); err != nil {
		t.Errorf("nothing is missing, yet: %v", err)
	}
}

func TestFindSuggestsTheNearestClause(t *testing.T) {
	catalogue, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	if clause, err := catalogue.Find("r-13"); err != nil || clause.ID != "R-13" {
		t.Errorf("Find(r-13) = %s, %v", clause.ID, err)
	}
	if _, err := catalogue.Find("r-23"); err == nil || !strings.Contains(err.Error(), "no clause r-23; did you mean R-13?") {
		t.Errorf("error is %v", err)
	}
}

func TestFindPrefersTheSameLetter(t *testing.T) {
	both := strings.Replace(good, "id: R-10", "id: H-19", 1)
	catalogue, err := parse(t, both)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalogue.Find("R-19"); err == nil || !strings.Contains(err.Error(), "did you mean R-13?") {
		t.Errorf("error is %v, want R-13 rather than H-19", err)
	}
}

func TestParseOfNothingIsAnError(t *testing.T) {
	if _, err := Parse(fstest.MapFS{}); err == nil {
		t.Error("an empty contract was accepted")
	}
}

func TestCompareAgrees(t *testing.T) {
	catalogue, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Compare([]Spec{{Name: "restores", Labels: []string{"restore", "clause:R-10"}}}); err != nil {
		t.Errorf("contract and specs agree, yet: %v", err)
	}
}

func TestCompareNamesEachDisagreement(t *testing.T) {
	catalogue, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		specs []Spec
		want  string
	}{
		{"clause without spec", nil, "no spec has the label clause:R-10"},
		{"spec without clause", []Spec{{Name: "a", Labels: []string{"restore"}}}, `the spec "a" names no clause`},
		{"unknown clause", []Spec{{Name: "a", Labels: []string{"clause:R-1O"}}}, "R-1O, which does not exist; did you mean R-10?"},
		{"open clause with spec", []Spec{{Name: "a", Labels: []string{"clause:R-13"}}}, `clause R-13 is marked "open"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := catalogue.Compare(c.specs)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestIDsAndCapabilitiesSplitTheLabels(t *testing.T) {
	labels := []string{"restore", "clause:R-10", "slow", "clause:H-01"}
	if got := IDs(labels); !slices.Equal(got, []string{"R-10", "H-01"}) {
		t.Errorf("IDs = %v", got)
	}
	if got := Capabilities(labels); !slices.Equal(got, []string{"restore", "slow"}) {
		t.Errorf("Capabilities = %v", got)
	}
}
