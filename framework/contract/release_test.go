package contract

import "testing"

func TestAClauseInARelease(t *testing.T) {
	gated := Clause{ID: "R-13", Class: Versioned, Since: "1.5", Sentence: "Works.", Before: "Is refused."}
	ended := Clause{ID: "I-05", Class: Versioned, Until: "1.9", Sentence: "Is not offered."}
	silent := Clause{ID: "R-16", Class: Versioned, Since: "1.10", Sentence: "Can be chosen."}
	patch := Clause{ID: "D-23", Class: Versioned, Since: "1.12.1", Sentence: "Is refused."}
	always := Clause{ID: "R-10", Class: Must, Sentence: "Holds."}
	cases := []struct {
		clause  Clause
		release string
		want    string
	}{
		{gated, "1.4", "Is refused."}, {gated, "1.5", "Works."}, {gated, "1.10", "Works."},
		{ended, "1.9", "Is not offered."}, {ended, "1.10", ""},
		{silent, "1.9", ""}, {silent, "1.12", "Can be chosen."},
		{patch, "1.11", ""}, {patch, "1.12", "Is refused."},
		{always, "1.3", "Holds."},
	}
	for _, c := range cases {
		got, holds := c.clause.In(c.release)
		if !holds {
			got.Sentence = ""
		}
		if got.Sentence != c.want {
			t.Errorf("%s in %s says %q, want %q", c.clause.ID, c.release, got.Sentence, c.want)
		}
	}
}

func TestVersionsOfAClause(t *testing.T) {
	for want, clause := range map[string]Clause{
		"all": {}, "before 1.5": {Since: "1.5", Sentence: "No.", Before: "No."}, "from 1.5": {Since: "1.5"}, "to 1.12": {Until: "1.12"}, "1.5 to 1.9": {Since: "1.5", Until: "1.9"},
	} {
		if got := clause.Versions(); got != want {
			t.Errorf("Versions = %q, want %q", got, want)
		}
	}
}
