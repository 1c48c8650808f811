package report

import (
	"time"

	"github.com/muster-csi/muster/framework/contract"
)

// Input is what a report is made from.
type Input struct {
	Implementation Implementation
	Versions       map[string]string
	Run            Run
	// Suite is what the suite says of itself.
	Suite *Suite
	// Interrupted is set when somebody stopped the run.
	Interrupted bool
	// Planned is the number of specs that were selected before the run.
	Planned  int
	Restarts []Restart
}

// Build makes the report of a run against the contract.
func Build(in Input, catalogue *contract.Catalogue) *Report {
	r := &Report{
		APIVersion:     APIVersion,
		Kind:           Kind,
		Date:           in.Suite.Started.Truncate(time.Second),
		Implementation: in.Implementation,
		Versions:       in.Versions,
		Run:            in.Run,
		Specs:          in.Suite.Specs,
		Restarts:       in.Restarts,
		Clauses:        sortClauses(catalogue, in.Suite.Specs),
	}
	r.Run.Seconds = in.Suite.Seconds
	r.Totals = count(r.Specs)
	r.Verdict = verdict(in, r.Totals)
	return r
}

func count(specs []Spec) Totals {
	var t Totals
	for _, spec := range specs {
		switch spec.Result {
		case SpecPassed:
			t.Passed++
		case SpecSkipped:
			t.Skipped++
		default:
			t.Failed++
		}
	}
	return t
}

// verdict is passed only when every planned spec has a result, none failed and
// at least one passed: a run in which nothing was examined states nothing.
func verdict(in Input, t Totals) Verdict {
	switch {
	case in.Interrupted:
		return Interrupted
	case t.Failed > 0 || t.Passed == 0 || t.Passed+t.Skipped < in.Planned || len(in.Suite.Trouble) > 0:
		return Failed
	}
	return Passed
}

// sortClauses sorts every clause of the contract by what the specs showed.
func sortClauses(catalogue *contract.Catalogue, specs []Spec) Clauses {
	seen := outcomes(specs)
	c := Clauses{Met: []Clause{}, Violated: []Clause{}, Observed: []Clause{}, NotCovered: []Clause{}}
	for _, clause := range catalogue.Clauses() {
		entry := Clause{ID: clause.ID, Sentence: clause.Sentence}
		outcome := seen[clause.ID]
		switch {
		case outcome.ran == 0:
			entry.Note = whyNot(clause, outcome)
			c.NotCovered = append(c.NotCovered, entry)
		case clause.Class == contract.Quirk:
			entry.Note = "seen as Longhorn does it"
			if len(outcome.failed) > 0 {
				entry.Note, entry.Specs = "seen otherwise", outcome.failed
			}
			c.Observed = append(c.Observed, entry)
		case len(outcome.failed) > 0:
			entry.Specs = outcome.failed
			c.Violated = append(c.Violated, entry)
		default:
			c.Met = append(c.Met, entry)
		}
	}
	return c
}

// outcome is what the specs of one clause did.
type outcome struct {
	ran, skipped, interrupted int
	// failed are the names of those that failed.
	failed []string
}

func outcomes(specs []Spec) map[string]outcome {
	seen := map[string]outcome{}
	for _, spec := range specs {
		for _, id := range spec.Clauses {
			o := seen[id]
			switch spec.Result {
			case SpecSkipped:
				o.skipped++
			case SpecInterrupted:
				o.interrupted++
			case SpecFailed:
				o.ran++
				o.failed = append(o.failed, spec.Name)
			default:
				o.ran++
			}
			seen[id] = o
		}
	}
	return seen
}

// whyNot says why no spec examined the clause in this run.
func whyNot(clause contract.Clause, o outcome) string {
	switch {
	case o.interrupted > 0:
		return "its specs were interrupted"
	case o.skipped > 0:
		return "its specs were skipped"
	case clause.Checked == contract.Open:
		return clause.Reason
	case clause.Checked == contract.ByDriverTests:
		return "checked by the component tests of the reference driver (make test)"
	}
	return "its specs were not selected"
}
