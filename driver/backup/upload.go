package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/longhorn/backupstore/types"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// upload gives the library the data of one snapshot. It implements
// backupstore.DeltaBlockBackupOperations.
type upload struct {
	*worker
	ctx    context.Context // the library has none, and ends at an error
	reader *engine.Reader
	data   *os.File     // of the snapshot, while it is open
	read   atomic.Int64 // bytes of data that were read
	ended  chan struct{}

	mu  sync.Mutex
	err error
}

// HasSnapshot reports whether the last backup's snapshot is still here to compare with (B-07).
func (u *upload) HasSnapshot(snapshot, volume string) bool { return u.reader.Has(volume, snapshot) }

// OpenSnapshot opens the data, which from then on stay readable if the snapshot is deleted.
func (u *upload) OpenSnapshot(snapshot, volume string) (err error) {
	u.data, err = u.reader.Open(volume, snapshot)
	return err
}

// CloseSnapshot is the last thing that the library calls of an upload: its lock is given back by then.
func (u *upload) CloseSnapshot(string, string) error {
	defer func() { u.ended <- struct{}{} }()
	return u.data.Close()
}

// CompareSnapshot returns which blocks to upload: those that differ from the
// other snapshot, without the ones that are zero in both. The physical extents
// of the two files say where they differ, so that no data are read for that.
func (u *upload) CompareSnapshot(snapshot, other, volume string, blockBytes int64) (*types.Mappings, error) {
	if other != "" && u.deviations.Has(deviation.BackupWrongBase) {
		if newest, err := u.reader.Newest(volume, snapshot); err == nil {
			other = newest.Name
		}
	}
	changed, err := u.reader.Delta(volume, other, snapshot)
	if err != nil {
		return nil, err
	}
	blocks := blocksOf(changed, blockBytes)
	if blocks, err = u.withoutZeros(blocks, volume, other, blockBytes); err != nil {
		return nil, err
	}
	if n := len(blocks); n > 1 && u.deviations.Has(deviation.BackupSkipsLastBlock) {
		blocks = blocks[:n-1]
	}
	mappings := &types.Mappings{BlockSize: blockBytes}
	for _, offset := range blocks {
		mappings.Mappings = append(mappings.Mappings, types.Mapping{Offset: offset, Size: blockBytes})
	}
	return mappings, nil
}

// blocksOf returns the offsets of the blocks that the extents touch, in order.
func blocksOf(extents []engine.Extent, blockBytes int64) []int64 {
	var offsets []int64
	next := int64(0)
	for _, extent := range extents {
		first := max(extent.Offset/blockBytes*blockBytes, next)
		for next = first; next < extent.Offset+extent.Length; next += blockBytes {
			offsets = append(offsets, next)
		}
		next = max(next, first)
	}
	return offsets
}

// withoutZeros drops blocks of zeros. One that held data in the other snapshot
// is kept: the backup takes over every block of the last one that it does not
// replace, and the old data would come back.
func (u *upload) withoutZeros(blocks []int64, volume, other string, blockBytes int64) ([]int64, error) {
	var before *os.File
	if other != "" {
		var err error
		if before, err = u.reader.Open(volume, other); err != nil {
			return nil, err
		}
		defer before.Close()
	}
	kept := blocks[:0]
	for _, offset := range blocks {
		if u.ctx.Err() != nil {
			return nil, context.Cause(u.ctx)
		}
		zero, err := u.isZero(u.data, offset, blockBytes)
		if err == nil && zero && before != nil && !u.deviations.Has(deviation.BackupDropsZeroed) {
			zero, err = u.isZero(before, offset, blockBytes)
		}
		if err != nil {
			return nil, err
		}
		if !zero {
			kept = append(kept, offset)
		}
	}
	return kept, nil
}

// zeros is a page of them.
var zeros = make([]byte, 64<<10)

// isZero reads a block until it finds something else than zeros, as a rule a page.
func (u *upload) isZero(file *os.File, offset, blockBytes int64) (bool, error) {
	page := make([]byte, len(zeros))
	for end := offset + blockBytes; offset < end; {
		n, err := file.ReadAt(page[:min(int64(len(page)), end-offset)], offset)
		u.read.Add(int64(n))
		if !bytes.Equal(page[:n], zeros[:n]) {
			return false, nil
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("read %s: %w", file.Name(), err)
		}
		offset += int64(n)
	}
	return true, nil
}

// ReadSnapshot reads a block; what lies beyond the end of the data is zeros.
func (u *upload) ReadSnapshot(_, _ string, start int64, block []byte) error {
	if u.ctx.Err() != nil {
		return context.Cause(u.ctx)
	}
	n, err := u.data.ReadAt(block, start)
	u.read.Add(int64(n))
	clear(block[n:])
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", u.data.Name(), err)
	}
	return nil
}

// UpdateBackupStatus takes what the library tells while it uploads. The state
// that it passes says nothing: only the text of an error does.
func (u *upload) UpdateBackupStatus(_, _, _ string, percent int, _, failure string) error {
	if failure != "" {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.err = errors.New(failure)
		return nil
	}
	u.progress(min(percent, 99)) // the whole is done when the worker says so
	return nil
}

func (u *upload) failure() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}
