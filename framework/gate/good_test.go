package gate

import (
	"testing"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

func catalogue(t *testing.T) *contract.Catalogue {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// standard is the policy that muster carries.
func standard(t *testing.T) *Policy {
	t.Helper()
	policy, err := ParsePolicy(fixtures.Gate, catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// good is a report of a run without any finding: one spec for each clause that
// has specs, every quirk seen, two operations measured.
func good(t *testing.T) *Report {
	t.Helper()
	r := &Report{
		Implementation: report.Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Verdict:        report.Passed, Run: report.Run{Processes: 6}, Leaks: []report.Leak{},
		Operations: []report.Operation{
			{Name: "CreateSnapshot", Source: "csi", Count: 40, P50Seconds: 0.4, P95Seconds: 1.2},
			{Name: "DeleteSnapshot", Source: "csi", Count: 20, P50Seconds: 0.01, P95Seconds: 0.3},
		},
	}
	for _, clause := range catalogue(t).Clauses() {
		entry := report.Clause{ID: clause.ID, Class: clause.Class, Sentence: clause.Sentence}
		switch {
		case clause.Checked != contract.BySuite:
			r.Clauses.NotCovered = append(r.Clauses.NotCovered, entry)
			continue
		case clause.Class == contract.Quirk:
			r.Clauses.Observed = append(r.Clauses.Observed, entry)
		default:
			r.Clauses.Met = append(r.Clauses.Met, entry)
		}
		r.Specs = append(r.Specs, report.Spec{Name: "checks " + clause.ID, Clauses: []string{clause.ID}, Result: report.SpecPassed, Attempts: 1})
	}
	return r
}

// violate moves a clause of the report to the violated ones, with its spec.
func (r *Report) violate(id string) {
	clause := r.take(id)
	clause.Specs = []string{"checks " + id}
	r.Clauses.Violated = append(r.Clauses.Violated, clause)
	r.end(id, report.SpecFailed)
	r.Verdict = report.Failed
}

// leaveOut moves a clause to those that were not examined, with its spec.
func (r *Report) leaveOut(id string) {
	clause := r.take(id)
	clause.Note = "its specs were skipped"
	r.Clauses.NotRun = append(r.Clauses.NotRun, clause)
	r.end(id, report.SpecSkipped)
}

// take removes a clause from those that were met or observed.
func (r *Report) take(id string) report.Clause {
	for _, from := range []*[]report.Clause{&r.Clauses.Met, &r.Clauses.Observed} {
		for i, clause := range *from {
			if clause.ID == id {
				*from = append((*from)[:i], (*from)[i+1:]...)
				return clause
			}
		}
	}
	panic("the example has no clause " + id)
}

// spec returns the spec of the clause, to be changed.
func (r *Report) spec(id string) *report.Spec {
	for i := range r.Specs {
		if r.Specs[i].Name == "checks "+id {
			return &r.Specs[i]
		}
	}
	panic("the example has no spec of clause " + id)
}

func (r *Report) end(id string, result report.Result) {
	spec := r.spec(id)
	spec.Result, spec.Message = result, "because\nof something"
}
