package embedded

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress writes one line per finished step.
type progress struct {
	mu  sync.Mutex
	out io.Writer
}

func newProgress(out io.Writer) *progress { return &progress{out: out} }

// done says that a step is finished and how long it took.
func (p *progress) done(step string, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  ✓ %-28s %5.1f s\n", step, took.Seconds())
}
