package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/longhorn/backupstore"
	"golang.org/x/sync/errgroup"

	"github.com/muster-csi/muster/driver/deviation"
)

// restore writes the blocks of the backup into the file and leaves holes where
// it has none. It holds the library's lock, so that nobody deletes what is being
// read (D-25). The loop is ours: the library's restore cannot be waited for to
// its end, and gives the file the size of the volume's latest backup (B-11).
func (w *worker) restore(ctx context.Context) (err error) {
	driver, err := w.driver()
	if err != nil {
		return w.restoreError(err)
	}
	lock, err := backupstore.New(driver, w.Volume, backupstore.RESTORE_LOCK)
	if err != nil {
		return w.restoreError(err)
	}
	if err := lock.Lock(); err != nil {
		return w.restoreError(err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	backup, err := w.config(driver, w.named())
	if err != nil {
		return w.restoreError(err)
	}
	file, err := os.OpenFile(w.File, os.O_WRONLY, 0)
	if err != nil {
		return w.restoreError(err)
	}
	if err := w.fill(ctx, driver, backup, file); err != nil {
		return w.restoreError(errors.Join(err, file.Close()))
	}
	return file.Close()
}

// named is the backup that was asked for, unless the planted defect takes the latest.
func (w *worker) named() string {
	if !w.deviations.Has(deviation.RestoreLatestBackup) {
		return w.Backup
	}
	volume := Volume{Name: w.Volume}
	w.describe(&volume)
	return cmp.Or(volume.LastBackup, w.Backup)
}

func (w *worker) restoreError(err error) error {
	return fmt.Errorf("failed to restore backup %s of volume %s from %s: %w", w.Backup, w.Volume, w.Target, err)
}

// fill copies all blocks, some of them at the same time.
func (w *worker) fill(ctx context.Context, driver backupstore.BackupStoreDriver, backup *backupstore.Backup, file *os.File) error {
	blockBytes, err := backup.GetBlockSize()
	if err != nil {
		return err
	}
	return eachBlock(ctx, w, backup.Blocks, func(block backupstore.BlockMapping) error {
		err := w.copyBlock(driver, backup.CompressionMethod, block, blockBytes, file)
		if w.deviations.Has(deviation.RestoreSkipsBadBlocks) {
			return nil
		}
		return err
	})
}

// eachBlock copies all blocks, as many at the same time as was asked for, and
// tells the progress. The first error ends it, and so does the end of ctx.
func eachBlock[T any](ctx context.Context, w *worker, blocks []T, copyBlock func(T) error) error {
	var written atomic.Int64
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(max(w.Concurrency, 1))
	for _, block := range blocks {
		if all.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := copyBlock(block); err != nil {
				return err
			}
			w.progress(int(written.Add(1) * 99 / int64(len(blocks))))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// copyBlock reads one block, which the library verifies against its checksum, and writes it unless it is zeros.
func (w *worker) copyBlock(driver backupstore.BackupStoreDriver, compression string, block backupstore.BlockMapping, blockBytes int64, file *os.File) error {
	reader, err := backupstore.DecompressAndVerifyWithFallback(driver, blockPath(w.Volume, block.BlockChecksum), compression, block.BlockChecksum)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return fmt.Errorf("read block %s: %w", block.BlockChecksum, err)
	}
	if int64(len(content)) != blockBytes {
		return fmt.Errorf("block %s has %d bytes instead of %d", block.BlockChecksum, len(content), blockBytes)
	}
	if allZero(content) {
		return nil
	}
	_, err = file.WriteAt(content, block.Offset)
	return err
}

func allZero(content []byte) bool {
	for _, b := range content {
		if b != 0 {
			return false
		}
	}
	return true
}
