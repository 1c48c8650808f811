package shards

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/timeouts"
)

// attend follows the pod of one shard from its start until its result is here, or until
// it is clear that there will be none.
func (l *Launch) attend(ctx, run context.Context, phase phase, index int, shard Shard) Outcome {
	outcome := Outcome{Shard: shard}
	pod, err := l.awaitStart(ctx, run, phase.job, index)
	if pod != nil {
		outcome.Pod, outcome.Node = pod.Name, pod.Spec.NodeName
	}
	if err != nil {
		outcome.Lost = err
		return outcome
	}
	outcome.began = true
	l.say(func() { l.Began(shard, pod.Name, pod.Spec.NodeName) })
	result, err := l.awaitResult(ctx, phase.job, index, pod, shard)
	if err == nil {
		outcome.Interrupted = result.Interrupted
		outcome.Dir, err = l.fetch(ctx, pod.Name, shard.Name, *result)
	}
	outcome.Lost = err
	return outcome
}

// awaitStart waits until the shard's pod runs, or has ended already.
func (l *Launch) awaitStart(ctx, run context.Context, job string, index int) (*corev1.Pod, error) {
	starting, cancel := context.WithTimeout(ctx, timeouts.ShardStarted.Limit)
	defer cancel()
	pod, err := l.untilPod(starting, job, index, func(pod *corev1.Pod) (bool, error) {
		if err := cannotStart(pod); err != nil {
			return false, err
		}
		return ended(pod) || running(pod), nil
	})
	switch {
	case err == nil:
		return pod, nil
	case run.Err() != nil:
		return pod, errors.New("the run was interrupted before it ran")
	case errors.Is(err, errGone):
		return pod, wasDeleted(pod)
	case starting.Err() != nil:
		return pod, notStarted(pod)
	}
	return pod, err
}

// running reports whether the pod's program has begun.
func running(pod *corev1.Pod) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Running != nil || status.State.Terminated != nil {
			return true
		}
	}
	return false
}

// awaitResult passes on the finished specs and returns what the pod says of its result.
// A pod that ends without has none.
func (l *Launch) awaitResult(ctx context.Context, job string, index int, pod *corev1.Pod, shard Shard) (*Result, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	results := make(chan *Result, 1)
	go func() { results <- l.read(reading, pod.Name, shard.Name) }()
	failures := make(chan error, 1)
	go func() { failures <- l.awaitEnd(reading, job, index) }()
	select {
	case result := <-results:
		if result != nil {
			return result, nil
		}
		return nil, <-failures // the log has ended because the pod has
	case err := <-failures:
		return nil, err
	}
}

// awaitEnd waits until the pod has ended and says how that came about. It never returns nil.
func (l *Launch) awaitEnd(ctx context.Context, job string, index int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var late *time.Timer
	pod, err := l.untilPod(ctx, job, index, func(pod *corev1.Pod) (bool, error) {
		if at, deleted := overdue(pod); deleted && late == nil {
			late = time.AfterFunc(time.Until(at), cancel)
		}
		return ended(pod), nil
	})
	if late != nil {
		defer late.Stop()
	}
	switch {
	case err == nil:
		return hasEnded(pod)
	case errors.Is(err, errGone):
		return wasDeleted(pod)
	case pod != nil && pod.DeletionTimestamp != nil:
		return nodeSilent(pod)
	}
	return err
}
