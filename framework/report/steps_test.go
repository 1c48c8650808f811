package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2/types"
)

// event is one of Ginkgo's, so long after the example began.
func event(of types.SpecEventType, text string, after time.Duration) types.SpecEvent {
	return types.SpecEvent{SpecEventType: of, Message: text, TimelineLocation: types.TimelineLocation{Time: began.Add(after)}}
}

func step(text string, after time.Duration) types.SpecEvent {
	return event(types.SpecEventByStart, text, after)
}

func bodyEnd(after time.Duration) types.SpecEvent { return event(types.SpecEventNodeEnd, "", after) }

func cleanupEnd(after, took time.Duration) types.SpecEvent {
	end := bodyEnd(after)
	end.NodeType, end.Duration = types.NodeTypeCleanupAfterEach, took
	return end
}

func TestStepsLastUntilTheNextOneAndTheCleanupIsNoStep(t *testing.T) {
	steps, cleanup := stepsOf(types.SpecReport{SpecEvents: []types.SpecEvent{
		step("one", 0), step("two", 2*time.Second), bodyEnd(5 * time.Second), cleanupEnd(9*time.Second, 4*time.Second), cleanupEnd(10*time.Second, time.Second),
	}})
	want := []Step{{Text: "one", Started: began, Seconds: 2}, {Text: "two", Started: began.Add(2 * time.Second), Seconds: 3}}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps differ:\n%s", diff)
	}
	if cleanup != 5*time.Second {
		t.Errorf("the cleanup took %s, want 5s", cleanup)
	}
}

func TestOnlyTheLastAttemptCounts(t *testing.T) {
	steps, _ := stepsOf(types.SpecReport{SpecEvents: []types.SpecEvent{
		step("one", 0), bodyEnd(time.Minute), event(types.SpecEventSpecRetry, "", time.Minute), step("one", 2*time.Minute), bodyEnd(121 * time.Second),
	}})
	if len(steps) != 1 || steps[0].Seconds != 1 {
		t.Errorf("steps are %v, want the one of the second attempt, which took 1 s", steps)
	}
}

func TestStepsOfAFailedSpecAreNotMeasured(t *testing.T) {
	for state, want := range map[types.SpecState]durations{
		types.SpecStatePassed: {"restoring …": {1}}, types.SpecStateFailed: {}, types.SpecStateSkipped: {},
	} {
		got := durations{}
		stepDurations(got, types.SpecReport{State: state, SpecEvents: []types.SpecEvent{step("restoring 3", 0), bodyEnd(time.Second)}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("measured of a spec that %s:\n%s", state, diff)
		}
	}
}

func TestStepsAreGroupedByWhatTheyHaveInCommon(t *testing.T) {
	for text, want := range map[string]string{
		"restoring twice": "restoring twice",
		`backing up while the way to the store is faulty: {"kind":"slow","kilobytesPerSecond":4000}`: "backing up while the way to the store is faulty",
		`restoring "first" of pvc-c7cfef5d-3007-402c-8595-0be820648d91, 17 times`:                    "restoring … of pvc-…, … times",
	} {
		if got := general(text); got != want {
			t.Errorf("general(%q) = %q, want %q", text, got, want)
		}
	}
}
