package report

import (
	"cmp"
	"strings"

	"github.com/muster-csi/muster/framework/contract"
)

// outcome is what the specs of one clause did.
type outcome struct {
	ran, skipped, interrupted int
	// because is what the first spec that was skipped said.
	because string
	// failed are the names of those that failed, flaky of those that passed only
	// when they were tried again.
	failed, flaky []string
}

// outcomes is what the selected specs did, by clause; nil for a clause without any.
// About says whether a spec that has the clause's label says something of it here.
func outcomes(specs []Spec, about func(id string, spec Spec) bool) map[string]*outcome {
	seen := map[string]*outcome{}
	for _, spec := range specs {
		for _, id := range spec.Clauses {
			if !about(id, spec) {
				continue
			}
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
		o.because = cmp.Or(o.because, first(spec.Message))
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
	return strings.TrimSuffix("its specs were skipped: "+o.because, ": ")
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
