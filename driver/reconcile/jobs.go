package reconcile

import (
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// slots is how many backups and restores a node works on at the same time, as
// Longhorn's setting concurrent-volume-backup-restore-per-node-limit has it.
const slots = 5

// turns decides who works when: no more than slots jobs at a time, and those of
// one lane one after the other, in the order in which they were begun.
type turns struct {
	slots chan struct{}

	mu    sync.Mutex
	lanes map[string]chan struct{} // closed when the last job of the lane has ended
}

func newTurns() *turns {
	return &turns{slots: make(chan struct{}, slots), lanes: map[string]chan struct{}{}}
}

// enter makes done the end of the lane's last job and returns the end of the one before it, nil for none.
func (t *turns) enter(lane string, done chan struct{}) (before chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before = t.lanes[lane]
	if lane != "" {
		t.lanes[lane] = done
	}
	return before
}

// leave lets the next job of the lane work.
func (t *turns) leave(lane string, done chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lanes[lane] == done {
		delete(t.lanes, lane)
	}
	close(done)
}

// wait returns when the job before has ended and a slot is free; release gives the slot back.
func (t *turns) wait(ctx context.Context, before chan struct{}) (release func(), err error) {
	if before != nil {
		select {
		case <-before:
		case <-ctx.Done():
			<-before // who waits for this job must not overtake the one before it
			return nil, ctx.Err()
		}
	}
	select {
	case t.slots <- struct{}{}:
		return func() { <-t.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// jobs runs work that takes long beside a reconciler, at most one of a kind for
// an object. The reconciler begins a job, is woken by its progress and its end,
// looks at the outcome and forgets the job.
type jobs[T any] struct {
	// wake gets an event for every object whose job has something to tell.
	wake chan event.GenericEvent

	turns  *turns
	ctx    context.Context // ends with the manager
	cancel context.CancelFunc

	mu  sync.Mutex
	all map[jobKey]*job[T]
}

// jobKey is the object that a job belongs to and what the job does for it.
type jobKey struct {
	types.NamespacedName
	does string
}

// job is the state of one piece of work.
type job[T any] struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	progress int
	result   T
	err      error
}

// work does the job; it may tell how far it is, in percent.
type work[T any] func(ctx context.Context, progress func(percent int)) (T, error)

// newJobs returns jobs that take turns and end with ctx.
func newJobs[T any](ctx context.Context, turns *turns) *jobs[T] {
	ctx, cancel := context.WithCancel(ctx)
	return &jobs[T]{wake: make(chan event.GenericEvent), turns: turns, ctx: ctx, cancel: cancel, all: map[jobKey]*job[T]{}}
}

// Start implements manager.Runnable: when the manager ends, so do all jobs, and
// the manager waits for them.
func (j *jobs[T]) Start(ctx context.Context) error {
	<-ctx.Done()
	j.cancel()
	j.mu.Lock()
	left := slices.Collect(maps.Values(j.all))
	j.mu.Unlock()
	for _, running := range left {
		<-running.done
	}
	return nil
}

// look returns the object's job, nil when there is none.
func (j *jobs[T]) look(key jobKey) *job[T] {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all[key]
}

// begin starts the object's job unless it has one. An empty lane waits for no other job.
func (j *jobs[T]) begin(key jobKey, lane string, do work[T]) *job[T] {
	j.mu.Lock()
	defer j.mu.Unlock()
	if running := j.all[key]; running != nil {
		return running
	}
	ctx, cancel := context.WithCancel(j.ctx)
	started := &job[T]{cancel: cancel, done: make(chan struct{})}
	j.all[key] = started
	before := j.turns.enter(lane, started.done)
	go func() {
		defer j.tell(key)
		defer j.turns.leave(lane, started.done)
		defer cancel()
		result, err := j.do(ctx, before, func() (T, error) {
			return do(ctx, func(percent int) { j.advance(key, started, percent) })
		})
		started.mu.Lock()
		defer started.mu.Unlock()
		started.result, started.err = result, err
	}()
	return started
}

// do does the work when it is its turn.
func (j *jobs[T]) do(ctx context.Context, before chan struct{}, do func() (T, error)) (result T, err error) {
	release, err := j.turns.wait(ctx, before)
	if err != nil {
		return result, err
	}
	defer release()
	return do()
}

// advance notes progress and wakes the reconciler when it is worth a look.
func (j *jobs[T]) advance(key jobKey, running *job[T], percent int) {
	running.mu.Lock()
	before := running.progress
	running.progress = percent
	running.mu.Unlock()
	if percent/10 > before/10 {
		j.tell(key)
	}
}

func (j *jobs[T]) tell(key jobKey) {
	object := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	select {
	case j.wake <- event.GenericEvent{Object: client.Object(object)}:
	case <-j.ctx.Done():
	}
}

// outcome returns what a job came to and whether it has ended. The job stays
// until it is forgotten, so that a reconciler that reads an old state of its
// object does not begin it again.
func (j *jobs[T]) outcome(key jobKey) (outcome T, err error, ended bool) {
	running := j.look(key)
	if running == nil {
		return outcome, nil, false
	}
	select {
	case <-running.done:
	default:
		return outcome, nil, false
	}
	running.mu.Lock()
	defer running.mu.Unlock()
	return running.result, running.err, true
}

// stop ends the object's job, waits until it has and forgets it. No job is fine.
func (j *jobs[T]) stop(key jobKey) {
	if running := j.look(key); running != nil {
		running.cancel()
		<-running.done
		j.forget(key)
	}
}

func (j *jobs[T]) forget(key jobKey) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.all, key)
}

// percent is how far the job is.
func (r *job[T]) percent() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}
