package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// coolDown writes out and forgets what the page cache holds of volumes, pool
// image and store, the same before every measurement: nobody pays for what
// another left to write, and nobody reads what another has just read.
func (b *bench) coolDown(ctx context.Context) error {
	return filepath.WalkDir(b.dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrNotExist): // the store tidies up meanwhile
			return nil
		case err != nil:
			return err
		case entry.Type().IsRegular():
			return forget(path)
		}
		return nil
	})
}

// forget drops a file from the page cache; one that is gone is fine.
func forget(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	// Pages that are not on disk yet would stay.
	if err := unix.Fdatasync(int(file.Fd())); err != nil {
		return fmt.Errorf("write out %s: %w", path, err)
	}
	if err := unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("drop %s from the page cache: %w", path, err)
	}
	return nil
}
