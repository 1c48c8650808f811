package cluster

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress writes one line per finished step of bringing up a cluster. It may be
// used by several at once.
type Progress struct {
	mu    sync.Mutex
	out   io.Writer
	began time.Time
}

// NewProgress returns a Progress that begins now.
func NewProgress(out io.Writer) *Progress { return &Progress{out: out, began: time.Now()} }

// Reached says that a state is reached and how long after the beginning.
func (p *Progress) Reached(state string) { p.Done(state, time.Since(p.began)) }

// Done says that a step is finished and how long it took.
func (p *Progress) Done(step string, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  ✓ %-28s %5.1f s\n", step, took.Seconds())
}

// Note says something that is not a step.
func (p *Progress) Note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  ! %s\n", text)
}
