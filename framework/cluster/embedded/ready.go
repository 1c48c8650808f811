//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// readyWithin bounds the time from the start of the first process to a ready
// cluster, on a slow and busy machine.
const readyWithin = 4 * time.Minute

// host is the host's side of one start.
type host struct {
	cfg    Config
	layout layout
	plan   addressPlan
	steps  *cluster.Progress
}

// awaitReady follows the supervisor's steps and does the host's part beside
// them. Returns when the cluster is ready or the first part has failed.
func awaitReady(ctx context.Context, s *session, h host) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin,
		fmt.Errorf("the cluster was not ready within %s", readyWithin))
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	marks := newMarks()
	go h.follow(s, marks, fail)
	err := h.bootstrap(ctx, marks)
	if err == nil {
		err = marks.await(ctx, supervisor.ReadyStep)
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause // the reason, not that it interrupted something
	}
	return err
}

// follow marks the supervisor's finished steps and fails the start when the
// supervisor does.
func (h host) follow(s *session, m marks, fail context.CancelCauseFunc) {
	for e := range s.events {
		switch e.State {
		case supervisor.Done:
			if e.Step != supervisor.ReadyStep {
				h.steps.Done(e.Step, time.Duration(e.Seconds*float64(time.Second)))
			}
			m.set(e.Step)
		case supervisor.Failed:
			fail(errors.New(e.Error))
		}
	}
	fail(fmt.Errorf("the cluster's first process ended%s", supervisor.LogTail(h.layout.log("supervisor"))))
}

// marks are the steps that are done: a channel each, closed then.
type marks map[string]chan struct{}

func newMarks() marks {
	m := marks{}
	for _, step := range append(supervisor.Steps(), supervisor.ReadyStep) {
		m[step] = make(chan struct{})
	}
	return m
}

func (m marks) set(step string) {
	if mark, ok := m[step]; ok {
		close(mark)
	}
}

// await returns when the step is done or ctx ends.
func (m marks) await(ctx context.Context, step string) error {
	select {
	case <-m[step]:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", step, context.Cause(ctx))
	}
}
