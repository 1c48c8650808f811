package backup

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/util"
)

// volumePath is where the store keeps a volume (contract 8.4).
func volumePath(volume string) string {
	sum := util.GetChecksum([]byte(volume))
	return path.Join(backupstore.GetBackupstoreBase(), backupstore.VOLUME_DIRECTORY, sum[:2], sum[2:4], volume)
}

func backupsPath(volume string) string {
	return path.Join(volumePath(volume), backupstore.BACKUP_DIRECTORY)
}

func configPath(volume, backup string) string {
	return path.Join(backupsPath(volume), backupstore.BACKUP_CONFIG_PREFIX+backup+backupstore.CFG_SUFFIX)
}

func blockPath(volume, checksum string) string {
	return path.Join(volumePath(volume), backupstore.BLOCKS_DIRECTORY, checksum[:2], checksum[2:4], checksum+backupstore.BLK_SUFFIX)
}

// config reads a finished backup's config with its blocks. A missing one is errMissing.
func (w *worker) config(driver backupstore.BackupStoreDriver, name string) (*backupstore.Backup, error) {
	file := configPath(w.Volume, name)
	backup := &backupstore.Backup{}
	if err := backupstore.LoadConfigInBackupStore(driver, file, backup); err != nil {
		// The library cannot tell a missing file from a store that does not answer.
		if there, listErr := has(driver, file); listErr == nil && !there {
			return nil, fmt.Errorf("backup %s of volume %s: %w", name, w.Volume, errMissing)
		}
		return nil, fmt.Errorf("read the config of backup %s of volume %s: %w", name, w.Volume, err)
	}
	if backup.CreatedTime == "" { // B-05
		return nil, fmt.Errorf("backup %s of volume %s is unfinished: %w", name, w.Volume, errUnfinished)
	}
	if backup.CompressionMethod == "" { // B-02
		backup.CompressionMethod = backupstore.LEGACY_COMPRESSION_METHOD
	}
	return backup, nil
}

// errUnfinished is returned for a backup whose upload was begun and not ended.
var errUnfinished = errors.New("its upload has not ended")

// has reports whether the store has a file, or why that cannot be told.
func has(driver backupstore.BackupStoreDriver, file string) (bool, error) {
	names, err := driver.List(path.Dir(file))
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if strings.TrimLeft(name, "/") == path.Base(file) {
			return true, nil
		}
	}
	return false, nil
}
