package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/backupbackingimage"
	"github.com/longhorn/backupstore/common"
	"github.com/longhorn/backupstore/types"
)

// imageConfigPath and imageBlockPath are where the store keeps backups of backing images.
func imageConfigPath(image string) string {
	return path.Join(backupstore.GetBackupstoreBase(), backupbackingimage.BackingImageDirectory, backupbackingimage.BackingImageDirectory,
		image, backupbackingimage.BackingImageConfigFile)
}

func imageBlockPath(checksum string) string {
	return path.Join(backupstore.GetBackupstoreBase(), backupbackingimage.BackingImageDirectory, backupbackingimage.BlocksDirectory,
		checksum[:2], checksum[2:4], checksum+backupbackingimage.BlkSuffix)
}

// ImageURL takes the URL of a backing image's backup apart.
func ImageURL(text string) (target, image string, err error) {
	image, target, err = backupbackingimage.DecodeBackupBackingImageURL(text)
	if err != nil {
		return "", "", fmt.Errorf("%q is not the URL of a backing image's backup, <target>?backingImage=<name>: %w", text, err)
	}
	return target, image, nil
}

// restoreImage writes the blocks of a backing image's backup into the file. The
// loop is ours, as that of restore is and for the same reason.
func (w *worker) restoreImage(ctx context.Context) (err error) {
	driver, err := w.driver()
	if err != nil {
		return w.imageError(err)
	}
	lock, err := backupstore.New(driver, types.BackupBackingImageLockName, backupstore.RESTORE_LOCK)
	if err != nil {
		return w.imageError(err)
	}
	if err := lock.Lock(); err != nil {
		return w.imageError(err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	image, err := w.imageConfig(driver)
	if err != nil {
		return w.imageError(err)
	}
	file, err := os.OpenFile(w.File, os.O_WRONLY, 0)
	if err != nil {
		return w.imageError(err)
	}
	if err := errors.Join(file.Truncate(image.Size), w.fillImage(ctx, driver, image, file)); err != nil {
		return w.imageError(errors.Join(err, file.Close()))
	}
	return file.Close()
}

func (w *worker) imageError(err error) error {
	return fmt.Errorf("failed to restore the backup of backing image %s from %s: %w", w.Backup, w.Target, err)
}

// imageConfig reads the config of a finished backup. A missing one is errMissing.
func (w *worker) imageConfig(driver backupstore.BackupStoreDriver) (*backupbackingimage.BackupBackingImage, error) {
	file := imageConfigPath(w.Backup)
	image := &backupbackingimage.BackupBackingImage{}
	if err := backupstore.LoadConfigInBackupStore(driver, file, image); err != nil {
		if there, listErr := has(driver, file); listErr == nil && !there {
			return nil, errMissing
		}
		return nil, fmt.Errorf("read its config: %w", err)
	}
	if image.CompleteTime == "" {
		return nil, errUnfinished
	}
	return image, nil
}

// fillImage copies all blocks, some of them at the same time.
func (w *worker) fillImage(ctx context.Context, driver backupstore.BackupStoreDriver, image *backupbackingimage.BackupBackingImage, file *os.File) error {
	return eachBlock(ctx, w, image.Blocks, func(block common.BlockMapping) error { return copyImageBlock(driver, image, block, file) })
}

// copyImageBlock reads one block, which the library verifies, and writes what of it lies within the image.
func copyImageBlock(driver backupstore.BackupStoreDriver, image *backupbackingimage.BackupBackingImage, block common.BlockMapping, file *os.File) error {
	reader, err := backupstore.DecompressAndVerifyWithFallback(driver, imageBlockPath(block.BlockChecksum), image.CompressionMethod, block.BlockChecksum)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return fmt.Errorf("read block %s: %w", block.BlockChecksum, err)
	}
	content = content[:min(int64(len(content)), max(image.Size-block.Offset, 0))]
	if allZero(content) {
		return nil
	}
	_, err = file.WriteAt(content, block.Offset)
	return err
}
