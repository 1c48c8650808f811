package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Extent is a run of bytes of a volume.
type Extent struct {
	// Offset is where it starts, in bytes.
	Offset int64
	// Length is how many bytes it has.
	Length int64
}

// Delta returns where snapshot to differs from snapshot from, in order, without
// overlap and merged. No data is read: blocks that both files share are
// unchanged, all others count as changed, also when the same bytes were written
// again. An empty from stands for a volume of zeros: everything that holds data.
func (e *Engine) Delta(ctx context.Context, volume, from, to string) ([]Extent, error) {
	unlock, err := e.locks.lock(ctx, volume)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return e.delta(volume, from, to)
}

// delta is Delta for a caller that makes sure that the snapshots stay.
func (e *Engine) delta(volume, from, to string) ([]Extent, error) {
	after, err := e.openSnapshot(volume, to)
	if err != nil {
		return nil, err
	}
	defer after.Close()
	var before *os.File
	if from != "" {
		if before, err = e.openSnapshot(volume, from); err != nil {
			return nil, err
		}
		defer before.Close()
	}
	if e.copies && before != nil {
		return compareData(before, after)
	}
	newer, err := mappings(after)
	if err != nil || before == nil {
		return merge(newer), err
	}
	older, err := mappings(before)
	if err != nil {
		return nil, err
	}
	info, err := after.Stat()
	if err != nil {
		return nil, err
	}
	return compareMappings(older, newer, info.Size()), nil
}

// openSnapshot opens the data of a snapshot for reading.
func (e *Engine) openSnapshot(volume, snapshot string) (*os.File, error) {
	if err := errors.Join(checkName("volume", volume), checkName("snapshot", snapshot)); err != nil {
		return nil, err
	}
	file, err := os.Open(e.dataPath(volume, snapshot))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, snapshotNotFound(volume, snapshot)
	}
	return file, err
}

// merge turns runs into extents and joins neighbours.
func merge(runs []mapping) []Extent {
	var extents []Extent
	for _, run := range runs {
		extents = appendExtent(extents, run.offset, run.length)
	}
	return extents
}

func appendExtent(extents []Extent, offset, length int64) []Extent {
	if n := len(extents); n > 0 && extents[n-1].Offset+extents[n-1].Length == offset {
		extents[n-1].Length += length
		return extents
	}
	return append(extents, Extent{Offset: offset, Length: length})
}

// cursor walks over the runs of one file.
type cursor struct{ runs []mapping }

// at describes the file at offset: the run that covers it, if any, and where
// that, or the hole, ends.
func (c *cursor) at(offset, size int64) (run *mapping, end int64) {
	for len(c.runs) > 0 && c.runs[0].offset+c.runs[0].length <= offset {
		c.runs = c.runs[1:]
	}
	switch {
	case len(c.runs) == 0:
		return nil, size
	case c.runs[0].offset > offset:
		return nil, min(c.runs[0].offset, size)
	}
	return &c.runs[0], min(c.runs[0].offset+c.runs[0].length, size)
}

// compareMappings walks over both files and keeps what is not shared, up to size.
func compareMappings(older, newer []mapping, size int64) []Extent {
	before, after := cursor{older}, cursor{newer}
	var extents []Extent
	for offset := int64(0); offset < size; {
		was, wasEnd := before.at(offset, size)
		is, isEnd := after.at(offset, size)
		end := min(wasEnd, isEnd)
		if !shared(was, is, offset) {
			extents = appendExtent(extents, offset, end-offset)
		}
		offset = end
	}
	return extents
}

// shared reports whether two files have the same block, or the same hole, at offset.
func shared(a, b *mapping, offset int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return !a.opaque && !b.opaque && a.physical+offset-a.offset == b.physical+offset-b.offset
}

// compareData finds the differences by reading, for file systems that copy.
func compareData(before, after *os.File) ([]Extent, error) {
	var extents []Extent
	old, now := make([]byte, blockBytes), make([]byte, blockBytes)
	for offset := int64(0); ; offset += blockBytes {
		n, err := after.ReadAt(now, offset)
		if n == 0 && errors.Is(err, io.EOF) {
			return extents, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("compare snapshots: %w", err)
		}
		clear(old) // beyond its end a smaller volume counts as zeros
		if _, err := before.ReadAt(old, offset); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("compare snapshots: %w", err)
		}
		if !bytes.Equal(old[:n], now[:n]) {
			extents = appendExtent(extents, offset, int64(n))
		}
	}
}
