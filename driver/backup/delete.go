package backup

import (
	"fmt"

	"github.com/longhorn/backupstore"

	"github.com/muster-csi/muster/driver/deviation"
)

// delete removes the backup. The library removes its config first, then the
// blocks that no other backup needs (B-09); it waits for no lock, so that an
// error that says "try again" is usual while a restore runs (D-25).
func (w *worker) delete() error {
	driver, err := w.driver()
	if err != nil {
		return fmt.Errorf("reach the backupstore at %s: %w", w.Target, err)
	}
	if there, err := has(driver, configPath(w.Volume, w.Backup)); err != nil || !there {
		return err
	}
	if err := w.otherLocks(backupstore.DELETION_LOCK); err != nil {
		return err
	}
	if w.deviations.Has(deviation.BackupDeleteLeaksBlocks) {
		return driver.Remove(configPath(w.Volume, w.Backup))
	}
	if w.deviations.Has(deviation.BackupDeleteSharedBlocks) {
		if err := w.deleteAllBlocks(driver); err != nil {
			return err
		}
	}
	return backupstore.DeleteDeltaBlockBackup(w.url())
}

// deleteAllBlocks is the planted defect that asks nobody whether a block is still needed.
func (w *worker) deleteAllBlocks(driver backupstore.BackupStoreDriver) error {
	backup, err := w.config(driver, w.Backup)
	if err != nil {
		return err
	}
	for _, block := range backup.Blocks {
		if err := driver.Remove(blockPath(w.Volume, block.BlockChecksum)); err != nil {
			return err
		}
	}
	return nil
}
