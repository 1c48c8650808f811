package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// subject is a snapshot that is backed up.
type subject struct {
	volume, snapshot string
	size             int64 // of the volume, in bytes
}

// throughput measures backup and restore of a volume full of data.
func (b *bench) throughput(ctx context.Context) error {
	for _, k := range []kind{random, half} {
		s := subject{volume: "whole", snapshot: "snap", size: wholeSize(b.mib)}
		if err := b.fullVolume(ctx, s.volume, k, s.size); err != nil {
			return err
		}
		if _, err := b.data.CreateSnapshot(ctx, s.volume, s.snapshot); err != nil {
			return err
		}
		for i := range b.runs {
			for _, c := range b.contenders(i) {
				if err := b.whole(ctx, c, k, fmt.Sprintf("%s-%d-%T", k, i, c), s); err != nil {
					return fmt.Errorf("%s: %w", c.name(), err)
				}
			}
		}
		if err := b.drop(ctx, s.volume); err != nil {
			return err
		}
	}
	return nil
}

// whole measures one backup to a fresh place, and the restore of it.
func (b *bench) whole(ctx context.Context, c contender, k kind, place string, s subject) error {
	if err := c.begin(ctx, place); err != nil {
		return err
	}
	if err := b.coolDown(ctx); err != nil {
		return err
	}
	began := time.Now()
	if _, err := c.backup(ctx, place, s); err != nil {
		return err
	}
	backup := time.Since(began)
	if err := b.coolDown(ctx); err != nil {
		return err
	}
	restore, err := b.restore(ctx, c, place, s)
	if err != nil {
		return err
	}
	b.table.add(figure{name: fmt.Sprintf("backup, %s data, MiB/s", k), format: "%.0f"}, c.name(), rate(s.size, backup))
	b.table.add(figure{name: fmt.Sprintf("restore, %s data, MiB/s", k), format: "%.0f"}, c.name(), rate(s.size, restore))
	b.say("%s of %s data: backup %.1f s, restore %.1f s", c.name(), k, backup.Seconds(), restore.Seconds())
	return b.store.empty(ctx, place)
}

// restore measures until a new volume of the pool is complete and on disk, the
// same for everybody. Whether it is what was backed up is looked at afterwards.
func (b *bench) restore(ctx context.Context, c contender, place string, s subject) (time.Duration, error) {
	const name = "restored"
	began := time.Now()
	err := b.data.FillVolume(ctx, name, s.size, func(path string) error {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		return c.restore(ctx, place, s, path)
	})
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	if err := b.compare(ctx, name, s); err != nil {
		return 0, fmt.Errorf("the restore: %w", err)
	}
	return took, b.drop(ctx, name)
}

// compare returns an error unless the volume holds what the snapshot does.
func (b *bench) compare(ctx context.Context, name string, s subject) error {
	want, err := b.snapshotFile(s)
	if err != nil {
		return err
	}
	defer want.Close()
	got, err := b.attach(ctx, name)
	if err != nil {
		return err
	}
	wanted, found := make([]byte, mib), make([]byte, mib)
	for at := int64(0); at < s.size; at += mib {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if _, err := want.ReadAt(wanted, at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := got.ReadAt(found, at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if !bytes.Equal(wanted, found) {
			return fmt.Errorf("it differs from the snapshot within the MiB at byte %d", at)
		}
	}
	return nil
}

// rate is in MiB per second.
func rate(size int64, took time.Duration) float64 {
	return float64(size) / float64(mib) / took.Seconds()
}
