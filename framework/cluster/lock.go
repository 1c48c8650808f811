package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is a held lock on one cluster name. The kernel lets go of it when the
// process ends, however it ends.
type Lock struct {
	f    *os.File
	path string
}

// TryLock takes the lock file of the cluster of that name, whose directory it
// makes, or returns ErrBusy with the holder's process id.
func TryLock(path, name string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the state directory %s: %w", filepath.Dir(path), err)
	}
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open the lock of cluster %q: %w", name, err)
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			holder, _ := os.ReadFile(path)
			f.Close()
			return nil, fmt.Errorf("cluster %q: %w (process %s); wait for it or end that process", name, ErrBusy,
				strings.TrimSpace(string(holder)))
		}
		if !sameFile(f, path) { // the last holder removed it meanwhile
			f.Close()
			continue
		}
		if err := f.Truncate(0); err == nil {
			_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
			if err != nil {
				f.Close()
				return nil, fmt.Errorf("write the lock of cluster %q: %w", name, err)
			}
		}
		return &Lock{f: f, path: path}, nil
	}
}

// WaitLock takes the cluster's lock, waiting while another muster holds it.
func WaitLock(ctx context.Context, path, name string) (*Lock, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		lock, err := TryLock(path, name)
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

// Release gives the lock back and removes its file. The file goes first: a
// waiter that then gets the lock on the removed file notices and tries again.
func (k *Lock) Release() {
	os.Remove(k.path)
	k.f.Close()
}

func sameFile(f *os.File, path string) bool {
	held, err1 := f.Stat()
	there, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(held, there)
}
