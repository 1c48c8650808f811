package components

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress tells a person what is being built: one line that is rewritten each
// second on a terminal, a line per thing elsewhere.
type progress struct {
	w     io.Writer
	live  bool
	start time.Time
	total int

	mu   sync.Mutex
	done int
	what string
	stop chan struct{}
	idle sync.WaitGroup
}

// newProgress returns a progress of total things to build on w; nil is silent.
func newProgress(w io.Writer, total int) *progress {
	if w == nil {
		w = io.Discard
	}
	p := &progress{w: w, start: time.Now(), total: total, stop: make(chan struct{})}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.live = true
		p.idle.Add(1)
		go p.tick()
	}
	return p
}

// begin says that the next thing is being built.
func (p *progress) begin(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.what = what
	p.draw()
	if !p.live {
		fmt.Fprintln(p.w)
	}
}

// end clears the live line and, when all went well, sums up in one line.
func (p *progress) end(err error) {
	close(p.stop)
	p.idle.Wait()
	if p.live {
		fmt.Fprint(p.w, "\r\033[K")
	}
	if err == nil {
		fmt.Fprintf(p.w, "components: built %d in %s\n", p.total, p.elapsed())
	}
}

// tick redraws the live line until end.
func (p *progress) tick() {
	defer p.idle.Done()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

// draw writes the current state without a line break; the caller holds mu.
func (p *progress) draw() {
	if p.what == "" {
		return
	}
	if p.live {
		fmt.Fprint(p.w, "\r\033[K")
	}
	fmt.Fprintf(p.w, "components: building %s (%d of %d, %s)", p.what, p.done, p.total, p.elapsed())
}

func (p *progress) elapsed() time.Duration { return time.Since(p.start).Round(time.Second) }
