package report

import (
	"regexp"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

// Step is one thing that a spec announced and did.
type Step struct {
	// Text is what the spec said that it does.
	Text string `json:"text"`
	// Started is when, in UTC and to the millisecond.
	Started time.Time `json:"started"`
	// Seconds is how long it took, until the next step or the end.
	Seconds float64 `json:"seconds"`
}

// cleanupStep is the name of what follows every spec.
const cleanupStep = "cleaning up after a spec"

// stepsOf returns the steps of the last attempt of a spec, and how long its
// cleanup took. A step lasts until the next one, its own end where the spec marks
// it, or the end of the spec's body.
func stepsOf(s types.SpecReport) (steps []Step, cleanup time.Duration) {
	open := false
	end := func(at time.Time) {
		if open {
			last := &steps[len(steps)-1]
			last.Seconds = seconds(at.Sub(last.Started))
		}
		open = false
	}
	for _, event := range s.SpecEvents {
		at := event.TimelineLocation.Time
		switch event.SpecEventType {
		case types.SpecEventSpecRetry, types.SpecEventSpecRepeat:
			steps, cleanup, open = nil, 0, false
		case types.SpecEventByStart:
			end(at)
			steps = append(steps, Step{Text: event.Message, Started: millisecond(at)})
			open = true
		case types.SpecEventByEnd:
			end(at)
		case types.SpecEventNodeEnd:
			end(at)
			if event.NodeType.Is(types.NodeTypeCleanupAfterEach) {
				cleanup += event.Duration
			}
		}
	}
	return steps, cleanup
}

// stepDurations adds the steps of a spec that passed. A step of another spec may
// have ended by a time limit, which says nothing of the operation.
func stepDurations(to durations, s types.SpecReport) {
	if !s.State.Is(types.SpecStatePassed) {
		return
	}
	steps, cleanup := stepsOf(s)
	for _, step := range steps {
		name := general(step.Text)
		to[name] = append(to[name], step.Seconds)
	}
	if cleanup > 0 {
		to[cleanupStep] = append(to[cleanupStep], cleanup.Seconds())
	}
}

var (
	// detail is what follows a step's text as JSON.
	detail = regexp.MustCompile(`:? *[{\[].*$`)
	// variable are quoted names, identifiers and numbers within it.
	variable = regexp.MustCompile(`"[^"]*"|\b[0-9a-f]{8}(-[0-9a-f]{4,12})+\b|\b[0-9]+\b`)
)

// general is the text of a step without what differs from spec to spec.
func general(text string) string {
	text = detail.ReplaceAllString(strings.Join(strings.Fields(text), " "), "")
	return variable.ReplaceAllString(text, "…")
}

// millisecond cuts what nobody reads.
func millisecond(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
