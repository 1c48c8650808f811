package workload

import (
	"context"
	"strings"
	"sync"
	"testing"
)

func sequenceOf(lines ...string) *Sequence {
	s := &Sequence{Pod: &Pod{Name: "writer"}}
	s.progress.changed = sync.NewCond(&s.progress.mutex)
	for _, line := range lines {
		s.progress.note(line)
	}
	return s
}

func TestProgressFollowsWhatTheWriterSays(t *testing.T) {
	s := sequenceOf("begin 1 100", "ack 1 110", "begin 2 120", "ack 2 130", "begin 3 140")
	if got := s.Acked(); got != 2 {
		t.Errorf("Acked = %d, want 2: record 3 is only begun", got)
	}
	for at, want := range map[int64]uint64{100: 0, 101: 1, 120: 1, 121: 2, 141: 3} {
		if got := s.progress.begunBefore(at); got != want {
			t.Errorf("begunBefore(%d) = %d, want %d", at, got, want)
		}
	}
}

func TestWaitingForAWriterThatEndedTellsWhy(t *testing.T) {
	s := sequenceOf("begin 1 100", "ack 1 110", "muster-workload: /data/sequence is full after 1 records")
	s.progress.end(nil)
	err := s.WaitAcked(context.Background(), 2)
	if err == nil || !strings.Contains(err.Error(), "is full") || !strings.Contains(err.Error(), "record 1") {
		t.Errorf("WaitAcked = %v, want the writer's last words and record", err)
	}
}

func TestWaitingEndsWhenTheRecordArrives(t *testing.T) {
	s := sequenceOf("begin 1 100")
	done := make(chan error, 1)
	go func() { done <- s.WaitAcked(context.Background(), 1) }()
	s.progress.note("ack 1 110")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := sequenceOf().WaitAcked(ctx, 1); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("WaitAcked = %v, want the context's end", err)
	}
}
