// Package engine keeps the volumes of one node: sparse files in a pool that can
// share blocks, attached as loop devices, with snapshots and copies that are
// made by sharing blocks (FICLONE) and differences that are read from the
// physical extents of two files (FIEMAP). It knows nothing of CSI, Kubernetes
// or file systems inside of volumes.
//
// Everything an operation has answered survives a kill at any instant: files
// are finished under another name, synced, and renamed. All operations may be
// repeated and may run at the same time.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine/loop"
)

// Options says where an engine keeps its data.
type Options struct {
	// Dir is the data directory; it is made when missing.
	Dir string
	// PoolSize is the size in bytes of pool.img, which is made (sparse) when
	// Dir cannot share blocks itself. It counts when the image is first made;
	// 0 means 32 GiB.
	PoolSize int64
	// AllowCopy copies data where blocks cannot be shared, instead of making a
	// pool image. For tests without root only.
	AllowCopy bool
}

// Engine is the data engine of one node. Only one may be open per directory.
type Engine struct {
	dir    string // what Options named
	root   string // the file system that shares blocks: dir, or the mounted pool in it
	pooled bool   // root is the mounted pool image
	copies bool   // blocks are copied instead of shared
	guard  *os.File

	locks      oneChangePerVolume
	deviations atomic.Pointer[deviation.Set]
	lag        laggingCopies

	mu       sync.Mutex
	attached map[string]*loop.Device // held devices by volume
}

// Open makes or adopts the pool in opts.Dir, removes what an interrupted
// operation left there, and attaches again the volumes that were attached when
// the last engine of this directory ended. It fails while another engine has
// the directory open.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", explain(err))
	}
	guard, err := takeDirectory(dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, root: dir, guard: guard, attached: make(map[string]*loop.Device)}
	if err := e.prepare(ctx, opts); err != nil {
		e.Close()
		return nil, fmt.Errorf("open data directory %s: %w", dir, explain(err))
	}
	return e, nil
}

func (e *Engine) prepare(ctx context.Context, opts Options) error {
	if err := removeUnfinished(e.dir); err != nil {
		return err
	}
	reflink, err := shares(e.dir)
	if err != nil {
		return err
	}
	switch {
	case reflink:
	case opts.AllowCopy:
		e.copies = true
	default:
		if e.root, err = openPool(ctx, e.dir, opts.PoolSize); err != nil {
			return err
		}
		e.pooled = true
	}
	for _, dir := range []string{e.volumesDir(), e.imagesDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := e.sweepLeftovers(); err != nil {
		return err
	}
	return e.reattach(ctx)
}

// takeDirectory makes sure that no second engine works on the same files. The
// kernel gives the lock back when the process ends, however it ends.
func takeDirectory(dir string) (*os.File, error) {
	guard, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", explain(err))
	}
	if err := unix.Flock(int(guard.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		guard.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("data directory %s belongs to another running driver; stop it or choose another --data-dir: %w", dir, ErrInUse)
		}
		return nil, fmt.Errorf("lock data directory %s: %w", dir, err)
	}
	return guard, nil
}

// Close gives up the devices and the pool. What somebody still has open or
// mounted stays attached, and the next Open finds it.
func (e *Engine) Close() error {
	e.lag.stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for volume, device := range e.attached {
		errs = append(errs, device.Close())
		delete(e.attached, volume)
	}
	if e.pooled {
		errs = append(errs, releasePool(e.root))
	}
	errs = append(errs, e.guard.Close())
	return errors.Join(errs...)
}

// Capacity returns the bytes that volumes may occupy in total and those still
// free. In a pool image the disk below may be the smaller one.
func (e *Engine) Capacity() (total, free int64, err error) {
	total, free, err = statfs(e.root)
	if err != nil || !e.pooled {
		return total, free, err
	}
	_, below, err := statfs(e.dir)
	return total, min(free, below), err
}

func statfs(dir string) (total, free int64, err error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, 0, fmt.Errorf("read capacity of %s: %w", dir, err)
	}
	return int64(stat.Blocks) * stat.Bsize, int64(stat.Bavail) * stat.Bsize, nil
}

// SetDeviations switches the named deviations on and all others off.
func (e *Engine) SetDeviations(set deviation.Set) {
	e.deviations.Store(&set)
	e.lag.stop()
	if set.Has(deviation.CutLosesAcknowledged) || set.Has(deviation.ImageLosesAcknowledged) {
		e.lag.start(e)
	}
}

// deviates reports whether a deviation is on.
func (e *Engine) deviates(name deviation.Name) bool {
	set := e.deviations.Load()
	return set != nil && set.Has(name)
}

// warn reports trouble that the caller's answer does not depend on.
func warn(ctx context.Context, text, volume string, err error) {
	slog.WarnContext(ctx, text, "volume", volume, "error", err)
}
