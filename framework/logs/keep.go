package logs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/internal/redact"
)

// again is when a log is asked for again that broke off although its container runs, as far as is known.
const again = time.Second

// errNoLog is what the kubelet answers when it has removed a container with its log.
var errNoLog = errors.New("the kubelet has no log")

// keep copies the log of a container, from each of its runs to the next, until the
// container's pod is gone or the follower stops.
func (f *Follower) keep(c *container) {
	for f.ctx.Err() == nil {
		now := c.now()
		f.copyRuns(f.ctx, c, now, true)
		// What was read after its end is all there is; otherwise the end may only not be known yet.
		for whole := now.ended && c.missed == nil; ; {
			if c.now().gone {
				return
			}
			if !f.wait(c, !whole) || c.now().restarts > c.run || !whole {
				break
			}
		}
	}
}

// copyRuns copies the log of the present run, to its end or to what there is. Before it
// that of the run before: it may have ended before its log was asked for, or while
// reading it was interrupted.
func (f *Follower) copyRuns(ctx context.Context, c *container, now life, toItsEnd bool) {
	if now.restarts > c.run {
		c.read = false
		if err := f.copy(ctx, c, &corev1.PodLogOptions{Previous: true}); err != nil && c.missed != nil {
			c.lost = errors.Join(c.lost, c.missed, err)
		}
	}
	c.run = now.restarts
	err := f.copy(ctx, c, &corev1.PodLogOptions{Follow: toItsEnd})
	// A pod or a log that is gone by now has been read if it had come to an end before.
	if gone := apierrors.IsNotFound(err) || errors.Is(err, errNoLog); !c.read || !gone {
		c.missed = err
	}
	c.read = c.read || err == nil
}

// wait returns when there is news of the container or, if asked for, after a while.
// It returns false when the follower stops.
func (f *Follower) wait(c *container, notLong bool) bool {
	var late <-chan time.Time
	if notLong {
		timer := time.NewTimer(again)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-c.changed:
	case <-late:
	case <-f.ctx.Done():
		return false
	}
	return true
}

// copy writes the lines that are not written yet. It returns when the log ends, or breaks off with an error.
func (f *Follower) copy(ctx context.Context, c *container, options *corev1.PodLogOptions) error {
	from := c.last
	options.Container, options.Timestamps = c.name, true
	options.SinceTime = &metav1.Time{Time: from} // whole seconds: some lines come again
	stream, err := f.open(ctx, c.namespace, c.pod, options)
	if err != nil {
		return err
	}
	defer stream.Close()
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) && line != "" && c.now().ended {
			line, err = line+"\n", nil // its last words; of one that runs the line is not whole and comes again
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		stamp, _, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(stamp))
		if err != nil {
			return fmt.Errorf("%w: %s", errNoLog, strings.TrimSpace(line))
		}
		if !at.After(from) {
			continue
		}
		if err := c.write(redact.Text(line)); err != nil {
			return err
		}
		if at.After(c.last) {
			c.last = at
		}
	}
}
