package supervisor

import (
	"context"
	"errors"
	"sync"
	"time"
)

// step is one part of the start. It runs as soon as the steps it comes after
// are done, beside all others.
type step struct {
	name  string
	after []string
	run   func(ctx context.Context) error
}

// runSteps runs all steps, each after those it names, and reports every begin
// and end. The first failure cancels the rest and is returned; steps that
// were only cancelled are not reported as failures.
func runSteps(ctx context.Context, steps []step, report func(Event)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(map[string]chan struct{}, len(steps))
	for _, s := range steps {
		done[s.name] = make(chan struct{})
	}
	var all sync.WaitGroup
	for _, s := range steps {
		all.Go(func() {
			for _, name := range s.after {
				select {
				case <-done[name]:
				case <-ctx.Done():
					return
				}
			}
			began := time.Now()
			report(Event{Step: s.name, State: Began})
			err := s.run(ctx)
			seconds := time.Since(began).Seconds()
			switch {
			case err == nil:
				report(Event{Step: s.name, State: Done, Seconds: seconds})
				close(done[s.name])
			case ctx.Err() != nil && errors.Is(err, context.Canceled):
			default:
				report(Event{Step: s.name, State: Failed, Seconds: seconds, Error: err.Error()})
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
