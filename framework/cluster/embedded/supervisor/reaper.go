//go:build linux

package supervisor

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// reaper starts processes and collects every child of PID 1, its own and the
// orphans that containers leave behind. os/exec cannot be used beside it: the
// two would steal each other's exit statuses.
type reaper struct {
	mu      sync.Mutex
	waiting map[int]*process
}

// process is a child that the supervisor started itself.
type process struct {
	name   string
	pid    int
	done   chan struct{} // closed when it has ended
	status unix.WaitStatus
}

func newReaper() *reaper {
	r := &reaper{waiting: map[int]*process{}}
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	go func() {
		for range children {
			r.collect()
		}
	}()
	return r
}

// collect reaps all ended children. Signals coalesce, so one may mean many.
func (r *reaper) collect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if p := r.waiting[pid]; p != nil {
			delete(r.waiting, pid)
			p.status = status
			close(p.done)
		}
	}
}

// start runs argv with its output appended to the log file. The lock is held
// across the fork, so that a child cannot be reaped before it is known.
func (r *reaper) start(name string, argv, env []string, logFile string) (*process, error) {
	out, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	child, err := os.StartProcess(argv[0], argv, &os.ProcAttr{
		Dir: "/", Env: env, Files: []*os.File{null, out, out},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, pid: child.Pid, done: make(chan struct{})}
	r.waiting[child.Pid] = p
	return p, child.Release()
}

// run starts argv and waits for its end; an exit code other than 0 is an error
// that carries the tail of the log.
func (r *reaper) run(ctx context.Context, name string, argv, env []string) error {
	logFile := filepath.Join(logDir, name+".log")
	p, err := r.start(name, argv, env, logFile)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", name, ctx.Err())
	}
	if p.status.ExitStatus() != 0 {
		return fmt.Errorf("%s %s%s", name, describe(p.status), LogTail(logFile))
	}
	return nil
}

func describe(status unix.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("was killed by signal %d (%s)", status.Signal(), status.Signal())
	}
	return fmt.Sprintf("exited with code %d", status.ExitStatus())
}
