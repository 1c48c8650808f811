package report

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/internal/redact"
)

// suiteNode says in words what belongs to no spec.
const suiteNodes = "suite: "

func suiteNode(kind types.NodeType) string {
	switch {
	case kind.Is(types.NodeTypeBeforeSuite | types.NodeTypeSynchronizedBeforeSuite):
		return suiteNodes + "what precedes all specs"
	case kind.Is(types.NodeTypeAfterSuite | types.NodeTypeSynchronizedAfterSuite):
		return suiteNodes + "looking for what is left after all specs"
	}
	return fmt.Sprintf("%s%s", suiteNodes, kind)
}

// locate says where and when the spec failed.
func (s *Spec) locate(failure types.Failure) {
	if at := failure.TimelineLocation.Time; at.After(s.Started) {
		s.FailedAfterSeconds = seconds(at.Sub(s.Started))
	}
	if failure.Location.FileName != "" {
		s.Location = fmt.Sprintf("%s:%d", filepath.Base(failure.Location.FileName), failure.Location.LineNumber)
	}
}

// failuresOf returns what failed, and why the spec was skipped. What ended the last
// attempt comes first; a spec that passed then has only those of earlier ones.
func failuresOf(s types.SpecReport) []types.Failure {
	var all []types.Failure
	if s.Failure.Message != "" {
		all = append(all, s.Failure)
	}
	for _, more := range s.AdditionalFailures {
		all = append(all, more.Failure)
	}
	return all
}

// clean makes a text fit to be shown.
func clean(text string) string { return redact.Text(strings.TrimSpace(text)) }

// ResultOf returns the result that a state of Ginkgo, such as "timedout", means
// after so many attempts.
func ResultOf(state string, attempts int) Result {
	switch state {
	case types.SpecStatePassed.String():
		if attempts > 1 {
			return SpecFlaky
		}
		return SpecPassed
	case types.SpecStateSkipped.String(), types.SpecStatePending.String():
		return SpecSkipped
	case types.SpecStateInterrupted.String(), types.SpecStateAborted.String():
		return SpecInterrupted
	}
	return SpecFailed
}
