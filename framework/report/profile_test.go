package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProfilesSayOfEachClassWhetherItIsKept(t *testing.T) {
	want := []Profile{
		{Name: Core, Result: ProfileFail, Met: 1, Violated: 1, NotRun: 1, NotCovered: 2, Capabilities: []Profile{
			{Name: "restore", Result: ProfilePass, Met: 1}, {Name: "limits", Result: ProfileFail, Violated: 1}}},
		{Name: Extended, Result: ProfilePass, Met: 1, Capabilities: []Profile{{Name: "restore", Result: ProfilePass, Met: 1}}},
	}
	if diff := cmp.Diff(want, Build(input(), catalogue(t)).Profiles); diff != "" {
		t.Errorf("profiles differ:\n%s", diff)
	}
}

func TestAProfileIsIncompleteWhenAClauseThatHasSpecsWasNotExamined(t *testing.T) {
	in := input()
	in.Suite.Specs[1].Result = SpecPassed
	if got := Build(in, catalogue(t)).Profiles[0].Result; got != ProfileIncomplete {
		t.Errorf("core is %s although R-22 was skipped, want %s", got, ProfileIncomplete)
	}
	in.Suite.Specs[2].Result = SpecPassed
	if got := Build(in, catalogue(t)).Profiles[0].Result; got != ProfilePass {
		t.Errorf("core is %s although every clause with specs is met, want %s", got, ProfilePass)
	}
}

func TestTheSentenceIsThatOfTheExaminedRelease(t *testing.T) {
	in := input()
	in.Implementation.Contract = "1.4"
	if got := Build(in, catalogue(t)).sentences()["R-23"]; got != "Detached is refused." {
		t.Errorf("at contract 1.4, R-23 says %q, want what releases before 1.5 do", got)
	}
}
