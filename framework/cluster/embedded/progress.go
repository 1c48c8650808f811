package embedded

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress writes one line per finished step.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	began time.Time
}

func newProgress(out io.Writer) *progress { return &progress{out: out, began: time.Now()} }

// reached says that a state is reached and how long after the beginning.
func (p *progress) reached(state string) { p.done(state, time.Since(p.began)) }

// done says that a step is finished and how long it took.
func (p *progress) done(step string, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  ✓ %-28s %5.1f s\n", step, took.Seconds())
}

// note says something that is not a step.
func (p *progress) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  ! %s\n", text)
}
