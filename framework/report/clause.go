package report

import "github.com/muster-csi/muster/framework/contract"

// Clauses sorts clauses by what the specs showed.
type Clauses struct {
	// Met clauses have specs, and all that ran passed; Note says of which only
	// when they were tried again.
	Met []Clause `json:"met"`
	// Violated clauses of class M or V have a spec that failed.
	Violated []Clause `json:"violated"`
	// Observed clauses are of class Q: seen, reported, never a failure.
	Observed []Clause `json:"observed"`
	// NotRun clauses have specs, none of which examined them in this run;
	// Note says why: skipped, interrupted or not selected.
	NotRun []Clause `json:"notRun"`
	// NotCovered clauses have no spec; Note says why.
	NotCovered []Clause `json:"notCovered"`
	// NotApplicable clauses are about other releases than the one whose
	// contract was expected.
	NotApplicable []Clause `json:"notApplicable"`
}

// Clause is one clause in a report.
type Clause struct {
	// ID is the clause's name in the contract.
	ID string `json:"id"`
	// Class is M (holds on every version), V (from or until a version) or Q
	// (a quirk: observed, never a failure).
	Class contract.Class `json:"class"`
	// Capability is what a driver must be able to do for the clause to matter.
	Capability contract.Capability `json:"capability,omitempty"`
	// Sentence is what the clause says of the release whose contract was expected.
	Sentence string `json:"sentence"`
	// Means says what a violation does to a user, for a clause that was violated, if
	// only at first.
	Means string `json:"means,omitempty"`
	// Specs are the names of the specs that failed, for a violated clause, and of
	// those that were flaky, for one that was met.
	Specs []string `json:"specs,omitempty"`
	// Note is what there is to say: why it is not covered, or what was
	// observed.
	Note string `json:"note,omitempty"`
}

// Status says what the specs showed of a clause.
type Status string

// The statuses, in the order in which they matter to a reader.
const (
	StatusViolated   Status = "violated"
	StatusMet        Status = "met"
	StatusObserved   Status = "observed"
	StatusNotRun     Status = "not run"
	StatusNotCovered Status = "not covered"
	// StatusNotApplicable clauses are about other releases.
	StatusNotApplicable Status = "not applicable"
)

// RatedClause is a clause with its status.
type RatedClause struct {
	Clause
	Status Status
}

// All returns the clauses of every status.
func (c Clauses) All() []RatedClause {
	var all []RatedClause
	add := func(status Status, clauses []Clause) {
		for _, clause := range clauses {
			all = append(all, RatedClause{clause, status})
		}
	}
	add(StatusViolated, c.Violated)
	add(StatusMet, c.Met)
	add(StatusObserved, c.Observed)
	add(StatusNotRun, c.NotRun)
	add(StatusNotCovered, c.NotCovered)
	add(StatusNotApplicable, c.NotApplicable)
	return all
}
