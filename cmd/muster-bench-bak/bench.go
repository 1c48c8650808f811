package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine"
)

// closing is how long it may take to give up devices and the pool.
const closing = 20 * time.Second

// options are the program's flags.
type options struct {
	minio, restic, dir             string
	runs                           int
	mib, incrementalMiB, memoryMiB int64
	out                            io.Writer
}

// bench is one measurement of everything.
type bench struct {
	options
	engineDir string
	data      *engine.Engine
	devices   map[string]*os.File // open devices by volume
	store     *store
	seed      uint64 // of the last data that were made
	table     table
}

// run measures everything and prints the table, after an error too, as far as it got.
func (o options) run(ctx context.Context) (err error) {
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	b := &bench{options: o, engineDir: filepath.Join(o.dir, "engine"), devices: map[string]*os.File{}}
	defer func() { err = errors.Join(err, b.close(context.WithoutCancel(ctx))) }()
	if err := b.open(ctx); err != nil {
		return err
	}
	// Memory first: later the peak of all children would include the others'.
	for _, step := range []func(context.Context) error{b.memory, b.throughput, b.incremental} {
		if err = step(ctx); err != nil {
			break
		}
	}
	return errors.Join(err, b.table.print(o.out))
}

// check refuses sizes that measure nothing, and those that the disk has no room for.
func (o options) check() error {
	if o.runs < 1 || o.mib < 16 || o.incrementalMiB < 256 || o.memoryMiB < 0 {
		return errors.New("--runs must be at least 1, --size 16, --incremental-size 256 and --memory-size not negative")
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(o.dir, &disk); err != nil {
		return fmt.Errorf("find the free space in %s: %w", o.dir, err)
	}
	if need, free := o.space(), int64(disk.Bavail)*disk.Bsize; free < need {
		return fmt.Errorf("%s has %d MiB free and measuring needs %d: make room, or choose smaller sizes", o.dir, free/mib, need/mib)
	}
	return nil
}

// space is how many bytes pool and store take at most. The pool image does not
// shrink; the store keeps one backup at a time, and three chains of increments.
func (o options) space() int64 {
	chain := o.incrementalMiB * int64(100+3*o.runs) / 100
	return (max(o.memoryMiB, 2*o.mib, chain) + max(o.memoryMiB, o.mib, 3*chain) + 1024) * mib
}

// open makes the pool and starts the store.
func (b *bench) open(ctx context.Context) (err error) {
	largest := max(b.mib, b.incrementalMiB, b.memoryMiB)
	if b.data, err = engine.Open(ctx, engine.Options{Dir: b.engineDir, PoolSize: (3*largest + 2048) * mib}); err != nil {
		return err
	}
	b.store, err = startStore(ctx, b.minio, b.dir)
	return err
}

// close ends the store and gives up every device and the pool. What is left
// after that is an error, because nobody could remove the directory.
func (b *bench) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closing)
	defer cancel()
	if b.store != nil {
		b.store.stop()
	}
	if b.data == nil {
		return nil
	}
	volumes, err := b.data.Volumes()
	errs := []error{err}
	for _, volume := range volumes {
		errs = append(errs, b.drop(ctx, volume)) // the pool cannot be unmounted while one is attached
	}
	errs = append(errs, b.data.Close())
	left, err := engine.Survey(b.engineDir)
	if err == nil && len(left.Loops) > 0 {
		err = fmt.Errorf("%s is still attached and mounted at %s: unmount it", left.Loops[0].Path(), left.Pool)
	}
	return errors.Join(append(errs, err)...)
}

// contenders returns all in the order of the nth run: another one begins each
// time, so that none always has the store as the same other left it.
func (b *bench) contenders(run int) []contender {
	all := []contender{ours{b}, scan{b}, restic{b}}
	first := run % len(all)
	return append(all[first:], all[:first]...)
}

// say tells a person who waits how far it is.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
