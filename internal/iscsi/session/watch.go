package session

import (
	"log/slog"
	"sync"
	"time"

	"github.com/muster-csi/muster/internal/iscsi/conn"
)

// State is how a session stands.
type State string

const (
	// Running is a session with a connection.
	Running State = "running"
	// Waiting is a session that lost its connection; I/O waits for it to come back.
	Waiting State = "waiting"
	// Offline is a session whose I/O fails; only logging out and in again helps.
	Offline State = "offline"
)

// watchPoll is how often the connection is looked at.
const watchPoll = 200 * time.Millisecond

// watch follows the connection of a session. qemu tries to connect again for
// ever, and I/O would wait as long: after the limit the watch ends the process,
// which fails all I/O, as open-iscsi's replacement_timeout does.
type watch struct {
	export *export
	limit  time.Duration
	ended  chan struct{}
	done   chan struct{}

	mu     sync.Mutex
	lost   time.Time // when the connection was seen to be gone, zero when it is there
	failed bool      // the process is being ended
}

func startWatch(export *export, limit time.Duration) *watch {
	w := &watch{export: export, limit: limit, ended: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

func (w *watch) run() {
	defer close(w.done)
	tick := time.NewTicker(watchPoll)
	defer tick.Stop()
	for {
		select {
		case <-w.ended:
			return
		case <-w.export.gone:
			slog.Error("the session's process has ended, its I/O fails", "said", w.export.said.String())
			return
		case now := <-tick.C:
			if w.look(now) > w.limit {
				slog.Error("the target did not come back in time, I/O fails from now on", "limit", w.limit)
				w.fail()
				return
			}
		}
	}
}

// look returns for how long the connection has been gone.
func (w *watch) look(now time.Time) time.Duration {
	established, err := conn.Established(w.export.command.Process.Pid)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil: // the process ends, which run sees next
		return 0
	case established:
		if !w.lost.IsZero() {
			slog.Info("the connection is back", "after", now.Sub(w.lost))
		}
		w.lost = time.Time{}
		return 0
	case w.lost.IsZero():
		slog.Warn("the connection is lost, I/O waits", "limit", w.limit, "said", w.export.said.String())
		w.lost = now
	}
	return now.Sub(w.lost)
}

func (w *watch) fail() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = true
	_ = w.export.command.Process.Kill() // it may be gone already
}

func (w *watch) state() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.failed || !w.export.alive():
		return Offline
	case !w.lost.IsZero():
		return Waiting
	}
	return Running
}

func (w *watch) stop() {
	close(w.ended)
	<-w.done
}
