package image

import (
	"context"
	"fmt"
	"io"
	"time"
)

// idle cancels an attempt when the server sends nothing for too long. It counts
// only while something is waited for: a slow disk is not the server's fault.
type idle struct {
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// watchIdle returns the context of an attempt; end must be called.
func watchIdle(ctx context.Context, limit time.Duration) (context.Context, *idle) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(fmt.Errorf("the server sent nothing for %s", limit)) })
	timer.Stop()
	return ctx, &idle{timer, limit, cancel}
}

func (i *idle) begin() { i.timer.Reset(i.limit) }
func (i *idle) rest()  { i.timer.Stop() }

func (i *idle) end() {
	i.timer.Stop()
	i.cancel(nil)
}

// watched is a body whose reads are watched.
type watched struct {
	body io.Reader
	idle *idle
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	w.idle.begin()
	defer w.idle.rest()
	return w.body.Read(p)
}
