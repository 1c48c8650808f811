package components

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// store is the cache directory. Finished things, logs, locks and unfinished
// work lie side by side on one file system, so that finishing is a rename.
type store struct{ dir string }

// CacheDir returns where components are kept: $MUSTER_CACHE, else the folder
// "muster" in the user's cache directory.
func CacheDir() (string, error) {
	if dir := os.Getenv("MUSTER_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory: %w; set MUSTER_CACHE to a directory", err)
	}
	return filepath.Join(dir, "muster"), nil
}

// slot is the place of one thing in the store: kind and name say what it is,
// key hashes what it is made from.
type slot struct{ kind, name, key string }

func (s slot) String() string { return s.name + "-" + s.key }

// path returns the directory of the finished thing.
func (st store) path(s slot) string { return filepath.Join(st.dir, s.kind, s.String()) }

// logPath returns the file that keeps the output of the thing's last build.
func (st store) logPath(s slot) string { return filepath.Join(st.dir, "logs", s.String()+".log") }

// has tells whether the thing is finished.
func (st store) has(s slot) bool {
	_, err := os.Stat(st.path(s))
	return err == nil
}

// buildFunc makes a thing inside dir, an empty directory, and writes what
// happens to log.
type buildFunc func(ctx context.Context, dir string, log io.Writer) error

// make builds the thing unless it is there, and tells whether it built. Of
// several processes that ask for the same thing one builds and the others
// wait. After an error, or a kill, no trace but the log is left.
func (st store) make(ctx context.Context, s slot, build buildFunc) (built bool, err error) {
	for _, dir := range []string{s.kind, "logs", "locks"} {
		if err := os.MkdirAll(filepath.Join(st.dir, dir), 0o755); err != nil {
			return false, fmt.Errorf("prepare the component cache: %w", err)
		}
	}
	unlock, err := lockFile(ctx, filepath.Join(st.dir, "locks", s.String()))
	if err != nil {
		return false, fmt.Errorf("wait for another build of %s: %w", s.name, err)
	}
	defer unlock()
	if st.has(s) {
		return false, nil
	}
	work, err := st.workDir(s)
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	if err := st.buildLogged(ctx, s, work, build); err != nil {
		return false, err
	}
	if err := syncFiles(work); err != nil {
		return false, fmt.Errorf("store %s: %w", s.name, err)
	}
	if err := os.Rename(work, st.path(s)); err != nil {
		return false, fmt.Errorf("store %s: %w", s.name, err)
	}
	return true, nil
}

// workDir makes a fresh directory to build in and removes those that killed
// builds of the same thing left behind; the caller holds the thing's lock.
func (st store) workDir(s slot) (string, error) {
	prefix := "." + s.String() + "."
	leftovers, err := filepath.Glob(filepath.Join(st.dir, s.kind, prefix+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range leftovers {
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("remove what an interrupted build left: %w", err)
		}
	}
	work, err := os.MkdirTemp(filepath.Join(st.dir, s.kind), prefix)
	if err != nil {
		return "", fmt.Errorf("prepare the component cache: %w", err)
	}
	return work, os.Chmod(work, 0o755)
}

// buildLogged runs build with its log; an error that is not an interruption
// quotes the log's end.
func (st store) buildLogged(ctx context.Context, s slot, work string, build buildFunc) error {
	log, err := os.Create(st.logPath(s))
	if err != nil {
		return fmt.Errorf("keep the build log of %s: %w", s.name, err)
	}
	err = build(ctx, work, log)
	if closeErr := log.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("keep the build log of %s: %w", s.name, closeErr)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted while building %s: what is finished is kept, the same command goes on from there: %w",
			s.name, context.Cause(ctx))
	}
	return &BuildError{Name: s.name, Log: log.Name(), Tail: tail(log.Name(), tailLines), Err: err}
}

// lockFile takes the exclusive lock of the file at path, waiting for its
// holder. The kernel drops the lock when its holder dies.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	got := make(chan error, 1)
	go func() {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		for errors.Is(err, unix.EINTR) {
			err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		}
		got <- err
	}()
	select {
	case err := <-got:
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		return func() { f.Close() }, nil
	case <-ctx.Done():
		// flock cannot be called off: whoever gets the lock late gives it back.
		go func() { <-got; f.Close() }()
		return nil, context.Cause(ctx)
	}
}

// syncFiles flushes the regular files in dir, so that a power cut after the
// rename cannot leave a finished directory with unfinished files.
func syncFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
