package backup

import (
	"fmt"
	"maps"
	"slices"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/types"
	"github.com/longhorn/backupstore/util"
)

// list reads all volumes; one that cannot be read hides no other.
func (w *worker) list() (Result, error) {
	found, err := backupstore.List("", w.Target, true)
	if err != nil {
		return Result{}, fmt.Errorf("list the backupstore at %s: %w", w.Target, err)
	}
	driver, err := w.driver()
	if err != nil {
		return Result{}, fmt.Errorf("list the backupstore at %s: %w", w.Target, err)
	}
	var result Result
	for _, name := range slices.Sorted(maps.Keys(found)) {
		w.progress(0)
		volume := Volume{Name: name, Error: found[name].Messages[types.MessageTypeError]}
		// Not the library's names: it takes a folder that it cannot list for an empty one.
		names, err := driver.List(backupsPath(name))
		if err != nil {
			volume.Error = fmt.Sprintf("list the backups of volume %s: %v", name, err)
		}
		volume.Backups = util.ExtractNames(names, backupstore.BACKUP_CONFIG_PREFIX, backupstore.CFG_SUFFIX)
		slices.Sort(volume.Backups)
		if volume.Error == "" {
			w.describe(&volume)
		}
		result.Volumes = append(result.Volumes, volume)
	}
	return result, nil
}

func (w *worker) describe(volume *Volume) {
	config, err := backupstore.InspectVolume(backupstore.EncodeBackupURL("", volume.Name, w.Target))
	if err != nil {
		volume.Error = err.Error()
		return
	}
	volume.SizeBytes, volume.StoredBytes, volume.Labels = config.Size, config.DataStored, config.Labels
	volume.CreatedAt, volume.LastBackup, volume.LastBackupAt = config.Created, config.LastBackupName, config.LastBackupAt
	volume.StorageClass = config.StorageClassname
}

// inspect reads the named backups of one volume; one that cannot be read hides no other.
func (w *worker) inspect() (Result, error) {
	var result Result
	for _, name := range w.Backups {
		w.progress(0)
		result.Backups = append(result.Backups, w.info(name))
	}
	return result, nil
}

// info is what the store says of one backup.
func (w *worker) info(name string) Info {
	address := backupstore.EncodeBackupURL(name, w.Volume, w.Target)
	info, err := backupstore.InspectBackup(address)
	if err != nil {
		return Info{Name: name, Volume: w.Volume, Error: err.Error()}
	}
	return Info{
		Name: name, Volume: w.Volume, URL: address,
		Snapshot: info.SnapshotName, SnapshotCreatedAt: info.SnapshotCreated, CreatedAt: info.Created,
		SizeBytes: info.Size, VolumeBytes: info.VolumeSize, VolumeCreatedAt: info.VolumeCreated,
		NewBytes: info.NewlyUploadedDataSize, AgainBytes: info.ReUploadedDataSize,
		Labels: info.Labels, Compression: info.CompressionMethod,
	}
}
