package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/contract"
)

// older is the example against contract 1.4, with specs about either side of R-23.
func older() Input {
	in := input()
	in.Implementation.Contract = "1.4"
	in.Suite.Specs = []Spec{
		{Name: "after", Clauses: []string{"R-23", "R-22"}, Result: SpecSkipped, Message: "not for Longhorn 1.4: R-23 holds from 1.5", OtherRelease: true},
		{Name: "after too", Clauses: []string{"R-23"}, Result: SpecSkipped, Message: "not for Longhorn 1.4: R-23 holds from 1.5", OtherRelease: true},
		{Name: "before", Labels: []string{"before:R-23"}, Clauses: []string{"R-23"}, Result: SpecPassed},
		{Name: "plain", Clauses: []string{"R-10", "R-11", "R-24"}, Result: SpecPassed},
	}
	return in
}

func TestAClauseIsMetInTheWordsOfTheRelease(t *testing.T) {
	r := Build(older(), catalogue(t))
	for _, clause := range r.Clauses.Met {
		if clause.ID == "R-23" {
			if clause.Sentence != "Detached is refused." || clause.Note != "said of releases before 1.5" {
				t.Errorf("R-23 is met as %q with the note %q", clause.Sentence, clause.Note)
			}
			return
		}
	}
	t.Errorf("R-23 is not met: %+v", r.Clauses)
}

func TestASpecThatChoseAnOlderReleaseSaysNothingOfTheNewOne(t *testing.T) {
	in := older()
	in.Implementation.Contract = "1.12"
	in.Suite.Specs = []Spec{{Name: "s", Labels: []string{"chosen:R-23"}, Clauses: []string{"R-23"}, Result: SpecPassed}}
	r := Build(in, catalogue(t))
	for _, clause := range r.Clauses.Met {
		t.Errorf("%s is met", clause.ID)
	}
}

func TestTheReasonOfASkippedClauseIsTold(t *testing.T) {
	r := Build(older(), catalogue(t))
	notes := map[string]string{}
	for _, clause := range r.Clauses.NotRun {
		notes[clause.ID] = clause.Note
	}
	if got, want := notes["R-22"], "its specs were skipped: not for Longhorn 1.4: R-23 holds from 1.5"; got != want {
		t.Errorf("the note is %q, want %q", got, want)
	}
	if got, want := r.coverage(), "4 of the 5 observable M and V clauses of contract 1.4, uncovered: R-22"; got != want {
		t.Errorf("coverage is %q, want %q", got, want)
	}
}

func TestSpecsOfOtherReleasesAreToldTogether(t *testing.T) {
	var out bytes.Buffer
	terminal := NewTerminal(&out, false)
	r := Build(older(), catalogue(t))
	terminal.Skipped(r)
	if got, want := strings.TrimSpace(out.String()), "- 2 specs not run: not for Longhorn 1.4: R-23 holds from 1.5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	terminal.Verdict(r, "report.html", time.Minute)
	if want := "covered: 4 of the 5 observable M and V clauses of contract 1.4, uncovered: R-22"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out.String())
	}
}

func TestASkippedSpecOfAnotherReleaseIsMarked(t *testing.T) {
	spec := newSpec(types.SpecReport{
		State: types.SpecStateSkipped, Failure: types.Failure{Message: "not for Longhorn 1.4"},
		ReportEntries: types.ReportEntries{{Name: contract.OtherRelease}},
	}, t.TempDir())
	if !spec.OtherRelease || spec.Result != SpecSkipped {
		t.Errorf("got %+v", spec)
	}
}
