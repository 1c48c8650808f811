package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/muster-csi/muster/driver/engine"
)

// options are the program's flags.
type options struct {
	minio, restic, dir             string
	runs                           int
	mib, incrementalMiB, memoryMiB int64
	out                            io.Writer
}

// bench is one run of everything.
type bench struct {
	options
	program   string // restic
	engineDir string
	data      *engine.Engine
	store     *store
	table     table
}

// run measures everything and prints the table.
func (o options) run(ctx context.Context) (err error) {
	if o.runs < 1 || o.mib < 16 || o.incrementalMiB < 256 || o.memoryMiB < 0 {
		return errors.New("--runs must be at least 1, --size 16, --incremental-size 256 and --memory-size not negative")
	}
	b := &bench{options: o, program: o.restic, engineDir: filepath.Join(o.dir, "engine")}
	largest := max(o.mib, o.incrementalMiB, o.memoryMiB)
	if b.data, err = engine.Open(ctx, engine.Options{Dir: b.engineDir, PoolSize: (3*largest + 2048) * mib}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.data.Close()) }()
	b.store, err = startStore(ctx, o.minio, o.dir)
	if b.store != nil {
		defer b.store.stop()
	}
	if err != nil {
		return err
	}
	// Memory first: later the peak of all children would include the others'.
	for _, step := range []func(context.Context) error{b.memory, b.throughput, b.incremental} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.table.print(o.out)
}

func (b *bench) contenders() []contender { return []contender{ours{b}, scan{b}, restic{b}} }

// say tells a person who waits how far it is.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// throughput measures backup and restore of a whole volume, the contenders one after the other in each run.
func (b *bench) throughput(ctx context.Context) error {
	for _, k := range []kind{random, half} {
		size := b.mib * mib
		device, err := b.volume(ctx, "whole", k, size)
		if err != nil {
			return err
		}
		if _, err := b.data.CreateSnapshot(ctx, "whole", "snap"); err != nil {
			return err
		}
		for i := range b.runs {
			for _, c := range b.contenders() {
				place := fmt.Sprintf("whole-%s-%d-%T", k[:4], i, c)
				if err := b.whole(ctx, c, k, place, size); err != nil {
					return fmt.Errorf("%s: %w", c.name(), err)
				}
			}
		}
		if err := b.drop(ctx, "whole", device); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) whole(ctx context.Context, c contender, k kind, place string, size int64) error {
	if err := errors.Join(c.begin(ctx, place), b.coolDown("whole", "snap")); err != nil {
		return err
	}
	began := time.Now()
	if _, err := c.backup(ctx, place, "whole", "snap", size); err != nil {
		return err
	}
	b.table.rate("backup, "+string(k), c.name(), size, time.Since(began))
	b.say("%s of %s data: backup %.1f s", c.name(), k, time.Since(began).Seconds())
	began = time.Now()
	if err := c.restore(ctx, place, "whole", "snap", size); err != nil {
		return err
	}
	b.table.rate("restore, "+string(k), c.name(), size, time.Since(began))
	b.say("%s of %s data: restore %.1f s", c.name(), k, time.Since(began).Seconds())
	return nil
}

// incremental measures backups after one per cent has changed, as whole blocks and scattered.
func (b *bench) incremental(ctx context.Context) error {
	size := b.incrementalMiB * mib
	device, err := b.volume(ctx, "changing", random, size)
	if err != nil {
		return err
	}
	next := 0
	cut := func() (string, error) {
		next++
		name := fmt.Sprintf("snap-%d", next)
		_, err := b.data.CreateSnapshot(ctx, "changing", name)
		return name, err
	}
	first, err := cut()
	if err != nil {
		return err
	}
	for _, c := range b.contenders() {
		if err := c.begin(ctx, place(c)); err != nil {
			return err
		}
		if _, err := c.backup(ctx, place(c), "changing", first, size); err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
		b.say("%s has the first backup of what will change", c.name())
	}
	for i := range b.runs {
		for _, scattered := range []bool{false, true} {
			changed, err := change(device, size, scattered, uint64(i))
			if err != nil {
				return err
			}
			snapshot, err := cut()
			if err != nil {
				return err
			}
			if err := b.oneIncrement(ctx, snapshot, size, changed, scattered); err != nil {
				return err
			}
		}
	}
	return b.drop(ctx, "changing", device)
}

func place(c contender) string { return fmt.Sprintf("changing-%T", c) }

func (b *bench) oneIncrement(ctx context.Context, snapshot string, size, changed int64, scattered bool) error {
	row := "incremental, 1 % in whole blocks"
	if scattered {
		row = "incremental, 4 KiB in every 50th block"
	}
	for _, c := range b.contenders() {
		if err := b.coolDown("changing", snapshot); err != nil {
			return err
		}
		began := time.Now()
		read, err := c.backup(ctx, place(c), "changing", snapshot, size)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
		b.table.seconds(row+", time", c.name(), time.Since(began))
		b.table.ratio(row+", bytes read / changed", c.name(), float64(read)/float64(changed))
		b.say("%s, %s: %.1f s, read %d MiB", row, c.name(), time.Since(began).Seconds(), read/mib)
	}
	return nil
}

// change overwrites one per cent of the volume in whole blocks, or 4 KiB in
// every fiftieth block, at random places, and returns how many bytes that were.
func change(device *os.File, size int64, scattered bool, seed uint64) (int64, error) {
	order := rand.New(rand.NewPCG(seed, 1)).Perm(int(size / block))
	number, length := len(order)/100, block
	if scattered {
		number, length = len(order)/50, 4096
	}
	for i := range number {
		if err := fill(device, random, seed<<12+uint64(i)+7, int64(order[i])*block, length); err != nil {
			return 0, err
		}
	}
	return int64(number) * length, nil
}

// memory measures the largest resident set of a worker during one large backup.
func (b *bench) memory(ctx context.Context) error {
	if b.memoryMiB == 0 {
		return nil
	}
	size := b.memoryMiB * mib
	device, err := b.volume(ctx, "large", random, size)
	if err != nil {
		return err
	}
	if _, err := b.data.CreateSnapshot(ctx, "large", "snap"); err != nil {
		return err
	}
	began := time.Now()
	if _, err := (ours{b}).backup(ctx, "large", "large", "snap", size); err != nil {
		return err
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		return err
	}
	b.table.memory(fmt.Sprintf("peak memory of a backup of %d GiB, MiB", b.memoryMiB>>10), ours{b}.name(), float64(usage.Maxrss)/1024)
	b.say("backup of %d MiB in %.0f s with at most %d MiB of memory", b.memoryMiB, time.Since(began).Seconds(), usage.Maxrss/1024)
	return errors.Join(b.drop(ctx, "large", device), b.emptyStore(ctx, "large"))
}
