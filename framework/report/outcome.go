package report

import (
	"github.com/muster-csi/muster/framework/contract"
)

// outcome is what the specs of one clause did.
type outcome struct {
	ran, skipped, interrupted int
	// failed are the names of those that failed, flaky of those that passed only
	// when they were tried again.
	failed, flaky []string
}

// outcomes is what the selected specs did, by clause; nil for a clause without any.
func outcomes(specs []Spec) map[string]*outcome {
	seen := map[string]*outcome{}
	for _, spec := range specs {
		for _, id := range spec.Clauses {
			if seen[id] == nil {
				seen[id] = &outcome{}
			}
			seen[id].add(spec)
		}
	}
	return seen
}

func (o *outcome) add(spec Spec) {
	switch spec.Result {
	case SpecSkipped:
		o.skipped++
	case SpecInterrupted:
		o.interrupted++
	case SpecFlaky:
		o.ran++
		o.flaky = append(o.flaky, spec.Name)
	case SpecFailed:
		o.ran++
		o.failed = append(o.failed, spec.Name)
	default:
		o.ran++
	}
}

// whyNotRun says why none of the selected specs examined the clause.
func (o *outcome) whyNotRun() string {
	if o.interrupted > 0 {
		return "its specs were interrupted"
	}
	return "its specs were skipped"
}

// whyNoSpec says why no selected spec was about the clause.
func whyNoSpec(clause contract.Clause) string {
	switch clause.Checked {
	case contract.Open:
		return clause.Reason
	case contract.ByDriverTests:
		return "checked by the component tests of the reference driver (make test)"
	}
	return "its specs were not selected"
}
