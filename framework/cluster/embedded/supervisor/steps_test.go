package supervisor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// recorder collects what runSteps reports.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) report(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) index(step string, state State) int {
	return slices.IndexFunc(r.events, func(e Event) bool { return e.Step == step && e.State == state })
}

func TestStepsRunAfterWhatTheyNeed(t *testing.T) {
	r := &recorder{}
	ok := func(context.Context) error { return nil }
	err := runSteps(context.Background(), []step{
		{name: "c", after: []string{"a", "b"}, run: ok},
		{name: "b", after: []string{"a"}, run: ok},
		{name: "a", run: ok},
	}, r.report)
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"a", "b"}, {"a", "c"}, {"b", "c"}} {
		if done, began := r.index(pair[0], Done), r.index(pair[1], Began); done < 0 || done > began {
			t.Errorf("%s began before %s was done: %+v", pair[1], pair[0], r.events)
		}
	}
}

func TestFirstFailureStopsTheRest(t *testing.T) {
	r := &recorder{}
	broken := errors.New("broken")
	err := runSteps(context.Background(), []step{
		{name: "bad", run: func(context.Context) error { return broken }},
		{name: "waits", run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{name: "after", after: []string{"bad"}, run: func(context.Context) error { t.Error("ran after a failure"); return nil }},
	}, r.report)
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if r.index("bad", Failed) < 0 || r.index("waits", Failed) >= 0 {
		t.Errorf("the failure is not told apart from what it interrupted: %+v", r.events)
	}
}
