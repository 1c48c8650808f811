package workload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

const sequenceFile = "sequence"

// Sequence is a test pod that writes numbered records for ever, each durable
// before it is acknowledged, and a reader that follows what it says.
type Sequence struct {
	*Pod

	progress progress
	cancel   context.CancelFunc
	ended    chan struct{}
}

// StartSequence starts the pod and returns when its first record is
// acknowledged. It writes until Stop. The reader outlives ctx, which may end
// with the step that started it; Stop ends it.
func StartSequence(ctx context.Context, c *kube.Client, spec Spec) (*Sequence, error) {
	path := (&Pod{block: spec.Block}).path(sequenceFile)
	pod, err := start(ctx, c, spec, []string{"sequence", "--path", path})
	if err != nil {
		return nil, err
	}
	reading, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stream, err := c.Core.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{Follow: true}).Stream(reading)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("cannot follow the records of pod %s: %w", pod.Name, err)
	}
	s := &Sequence{Pod: pod, cancel: cancel, ended: make(chan struct{})}
	s.progress.changed = sync.NewCond(&s.progress.mutex)
	go s.follow(stream)
	if err := s.WaitAcked(ctx, 1); err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	return s, nil
}

// WaitAcked returns when record number is acknowledged.
func (s *Sequence) WaitAcked(ctx context.Context, number uint64) error {
	what := fmt.Sprintf("acknowledge record %d", number)
	return s.wait(ctx, what, func(p *progress) bool { return p.lastAcked() >= number })
}

// Acked is the last record known here to be acknowledged. Whatever a snapshot
// that is requested from now on holds, this record must be in it.
func (s *Sequence) Acked() uint64 {
	s.progress.mutex.Lock()
	defer s.progress.mutex.Unlock()
	return s.progress.lastAcked()
}

// BegunBefore returns the last record begun before t, in the clock of the pod's
// node. It waits until the writer is past t. A snapshot that was ready at t can
// hold no later record.
func (s *Sequence) BegunBefore(ctx context.Context, t time.Time) (uint64, error) {
	nanos := t.UnixNano()
	what := "write on past " + t.Format(time.RFC3339Nano)
	if err := s.wait(ctx, what, func(p *progress) bool { return p.lastBegunAt() >= nanos }); err != nil {
		return 0, err
	}
	s.progress.mutex.Lock()
	defer s.progress.mutex.Unlock()
	return s.progress.begunBefore(nanos), nil
}

// Stop ends the writer and its pod and returns when the pod is gone.
func (s *Sequence) Stop(ctx context.Context) error {
	err := s.Pod.Stop(ctx)
	s.cancel()
	<-s.ended
	return err
}

func (s *Sequence) follow(stream io.ReadCloser) {
	defer close(s.ended)
	defer stream.Close()
	scanner := bufio.NewScanner(stream)
	for scanner.Scan() {
		s.progress.note(scanner.Text())
	}
	s.progress.end(scanner.Err())
}

// wait returns when the condition holds of the progress; the writer's end or
// the budget's is an error that tells how far it came.
func (s *Sequence) wait(ctx context.Context, what string, held func(*progress) bool) error {
	waiting, cancel := context.WithTimeout(ctx, timeouts.WriterProgress.Limit)
	defer cancel()
	defer context.AfterFunc(waiting, s.progress.wake)()
	p := &s.progress
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for !held(p) {
		switch {
		case p.ended:
			return fmt.Errorf("the writer in pod %s ended after record %d before it could %s: %s", s.Name, p.lastAcked(), what, p.said)
		case ctx.Err() != nil:
			return fmt.Errorf("while waiting for the writer in pod %s to %s (last record %d): %w", s.Name, what, p.lastAcked(), ctx.Err())
		case waiting.Err() != nil:
			return fmt.Errorf("waited %s (timeouts.%s) for the writer in pod %s to %s; last record %d",
				timeouts.WriterProgress.Limit, timeouts.WriterProgress.Name, s.Name, what, p.lastAcked())
		}
		p.changed.Wait()
	}
	return nil
}
