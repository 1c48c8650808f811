//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockFile is a held lock on one cluster name. The kernel lets go of it when
// the process ends, however it ends.
type lockFile struct {
	f    *os.File
	path string
}

// tryLock takes the cluster's lock or returns ErrBusy with the holder's PID.
func tryLock(l layout) (*lockFile, error) {
	if err := os.MkdirAll(l.root, 0o755); err != nil {
		return nil, fmt.Errorf("make the state directory %s: %w", l.root, err)
	}
	for {
		f, err := os.OpenFile(l.lock(), os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open the lock of cluster %q: %w", l.name, err)
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			holder, _ := os.ReadFile(l.lock())
			f.Close()
			return nil, fmt.Errorf("cluster %q: %w (process %s); wait for it or end that process", l.name, ErrBusy,
				strings.TrimSpace(string(holder)))
		}
		if !sameFile(f, l.lock()) { // the last holder removed it meanwhile
			f.Close()
			continue
		}
		if err := f.Truncate(0); err == nil {
			_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
			if err != nil {
				f.Close()
				return nil, fmt.Errorf("write the lock of cluster %q: %w", l.name, err)
			}
		}
		return &lockFile{f: f, path: l.lock()}, nil
	}
}

// waitLock takes the cluster's lock, waiting while another muster holds it.
func waitLock(ctx context.Context, l layout) (*lockFile, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		lock, err := tryLock(l)
		if !errors.Is(err, ErrBusy) {
			return lock, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}

// release gives the lock back and removes its file. The file goes first: a
// waiter that then gets the lock on the removed file notices and tries again.
func (k *lockFile) release() {
	os.Remove(k.path)
	k.f.Close()
}

func sameFile(f *os.File, path string) bool {
	held, err1 := f.Stat()
	there, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(held, there)
}
