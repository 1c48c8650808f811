package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// memory measures the largest resident set of a worker during one large backup.
func (b *bench) memory(ctx context.Context) error {
	if b.memoryMiB == 0 {
		return nil
	}
	s := subject{volume: "large", snapshot: "snap", size: wholeSize(b.memoryMiB)}
	if err := b.fullVolume(ctx, s.volume, random, s.size); err != nil {
		return err
	}
	if _, err := b.data.CreateSnapshot(ctx, s.volume, s.snapshot); err != nil {
		return err
	}
	began := time.Now()
	if _, err := (ours{b}).backup(ctx, s.volume, s); err != nil {
		return err
	}
	peak, err := peakOfChildren()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("peak memory of the worker, backup of %.3g GiB, MiB", float64(b.memoryMiB)/1024)
	b.table.add(figure{name: name, format: "%.0f", target: under200}, ours{b}.name(), peak)
	b.say("backup of %d MiB in %.0f s with at most %.0f MiB of memory", b.memoryMiB, time.Since(began).Seconds(), peak)
	return errors.Join(b.drop(ctx, s.volume), b.store.empty(ctx, s.volume))
}

// peakOfChildren is the largest resident set, in MiB, of any process that this
// one started and that has ended. The kernel counts what a child shared with
// this program before it became another one, so it never shows too little.
func peakOfChildren() (float64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		return 0, fmt.Errorf("read the memory of the worker: %w", err)
	}
	return float64(usage.Maxrss) / 1024, nil // Linux counts in KiB
}
