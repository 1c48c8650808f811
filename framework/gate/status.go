package gate

import "github.com/muster-csi/muster/framework/report"

// status is what a report says of one clause.
type status string

const (
	met        status = "met"
	violated   status = "violated"
	observed   status = "observed"
	unexamined status = "not examined"
)

// statuses returns what the report says of each clause, by id.
func (r *Report) statuses() map[string]status {
	all := map[string]status{}
	for state, clauses := range map[status][]report.Clause{met: r.Clauses.Met, violated: r.Clauses.Violated,
		observed: r.Clauses.Observed, unexamined: r.unexamined()} {
		for _, clause := range clauses {
			all[clause.ID] = state
		}
	}
	return all
}

// unexamined are the clauses that no spec of the run has looked at.
func (r *Report) unexamined() []report.Clause {
	return append(append([]report.Clause{}, r.Clauses.NotRun...), r.Clauses.NotCovered...)
}

// specs returns the specs of the report by name.
func (r *Report) specs() map[string]report.Spec {
	all := map[string]report.Spec{}
	for _, spec := range r.Specs {
		all[spec.Name] = spec
	}
	return all
}

// with returns the specs that ended so, in the report's order.
func (r *Report) with(result report.Result) []report.Spec {
	var found []report.Spec
	for _, spec := range r.Specs {
		if spec.Result == result {
			found = append(found, spec)
		}
	}
	return found
}

// passed reports whether the spec passed, at once or not.
func passed(s report.Spec) bool { return s.Result == report.SpecPassed || s.Result == report.SpecFlaky }

// flaky reports whether the spec passed, but not at once. Older reports call that passed.
func flaky(s report.Spec) bool { return passed(s) && (s.Result == report.SpecFlaky || s.Attempts > 1) }

// knowsAttempts reports whether the report says how often specs ran.
func (r *Report) knowsAttempts() bool {
	for _, spec := range r.Specs {
		if spec.Attempts > 0 {
			return true
		}
	}
	return false
}

// leaks names what was left behind.
func (r *Report) leaks() []string {
	names := make([]string, len(r.Leaks))
	for i, leak := range r.Leaks {
		names[i] = leak.Name
	}
	return names
}

// names returns the names of the specs.
func names(specs []report.Spec) []string {
	all := make([]string, len(specs))
	for i, spec := range specs {
		all[i] = spec.Name
	}
	return all
}
