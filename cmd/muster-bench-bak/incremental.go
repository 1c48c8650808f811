package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// pattern is how one part of a volume changes between two backups.
type pattern struct {
	name     string
	everyNth int   // one of so many blocks changes
	length   int64 // how many bytes of it
}

var (
	// wholeBlocks is one per cent of the volume.
	wholeBlocks = pattern{name: "1 % changed in whole 2 MiB blocks", everyNth: 100, length: block}
	// scattered is what backups in blocks of 2 MiB are worst at.
	scattered = pattern{name: "4 KiB changed in 2 % of the blocks", everyNth: 50, length: 4 << 10}
)

// incremental measures backups of a volume of which a part has changed since the last.
func (b *bench) incremental(ctx context.Context) error {
	s := subject{volume: "changing", size: wholeSize(b.incrementalMiB)}
	if err := b.fullVolume(ctx, s.volume, random, s.size); err != nil {
		return err
	}
	if err := b.cut(ctx, &s, "first"); err != nil {
		return err
	}
	for _, c := range b.contenders(0) {
		if err := c.begin(ctx, chain(c)); err != nil {
			return err
		}
		if _, err := c.backup(ctx, chain(c), s); err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
		b.say("%s has the first backup of what will change", c.name())
	}
	for i := range b.runs {
		for _, p := range []pattern{wholeBlocks, scattered} {
			if err := b.increment(ctx, p, i, s); err != nil {
				return err
			}
		}
	}
	return b.drop(ctx, s.volume)
}

// chain is the place of a contender's backups of the volume.
func chain(c contender) string { return fmt.Sprintf("changing-%T", c) }

func (b *bench) cut(ctx context.Context, s *subject, snapshot string) error {
	s.snapshot = snapshot
	_, err := b.data.CreateSnapshot(ctx, s.volume, snapshot)
	return err
}

// increment changes the volume and lets everybody back that up.
func (b *bench) increment(ctx context.Context, p pattern, run int, s subject) error {
	changed, err := b.change(b.devices[s.volume], s.size, p)
	if err != nil {
		return err
	}
	if err := b.cut(ctx, &s, fmt.Sprintf("snap-%d-%d", run, p.everyNth)); err != nil {
		return err
	}
	for _, c := range b.contenders(run) {
		if err := b.coolDown(ctx); err != nil {
			return err
		}
		began := time.Now()
		read, err := c.backup(ctx, chain(c), s)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
		took := time.Since(began)
		b.noteIncrement(p, c.name(), took, float64(read)/float64(changed))
		b.say("%s, %s: %.1f s, read %d MiB", c.name(), p.name, took.Seconds(), read/mib)
	}
	return nil
}

func (b *bench) noteIncrement(p pattern, name string, took time.Duration, perChanged float64) {
	seconds := figure{name: p.name + ": seconds", format: "%.1f"}
	bytes := figure{name: p.name + ": bytes read per byte changed", format: "%.2f"}
	if p == wholeBlocks { // what the project aims at; the other shows the limits
		seconds.target, bytes.target = tenTimesFaster, atMostTwice
	}
	b.table.add(seconds, name, took.Seconds())
	b.table.add(bytes, name, perChanged)
}

// change overwrites a part of the volume at random places with new data and
// returns how many bytes that were.
func (b *bench) change(device *os.File, size int64, p pattern) (int64, error) {
	b.seed++
	blocks := rand.New(rand.NewPCG(b.seed, 0)).Perm(int(size / block))
	blocks = blocks[:len(blocks)/p.everyNth]
	for _, number := range blocks {
		if err := b.write(device, random, int64(number)*block, p.length); err != nil {
			return 0, err
		}
	}
	return int64(len(blocks)) * p.length, device.Sync()
}
