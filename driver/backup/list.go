package backup

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/util"
	"golang.org/x/sync/errgroup"
)

// parallelLists is how many folders are listed at the same time.
const parallelLists = 16

// list reads all volumes; one that cannot be read hides no other. It lists by
// itself because the library takes a folder that it cannot list for an empty one.
func (w *worker) list(ctx context.Context) (Result, error) {
	driver, err := w.driver()
	if err != nil {
		return Result{}, fmt.Errorf("list the backupstore at %s: %w", w.Target, err)
	}
	names, err := w.volumeNames(ctx, driver)
	if err != nil {
		return Result{}, fmt.Errorf("list the volumes in the backupstore at %s: %w", w.Target, err)
	}
	result := Result{Volumes: make([]Volume, len(names))}
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(parallelLists)
	for i, name := range names {
		group.Go(func() error {
			w.progress(0)
			result.Volumes[i] = w.volume(driver, name)
			return nil
		})
	}
	return result, group.Wait()
}

// volumeNames reads the two levels of folders above the volumes and those.
func (w *worker) volumeNames(ctx context.Context, driver backupstore.BackupStoreDriver) ([]string, error) {
	folders := []string{path.Join(backupstore.GetBackupstoreBase(), backupstore.VOLUME_DIRECTORY)}
	for range 3 {
		within := make([][]string, len(folders))
		group, _ := errgroup.WithContext(ctx)
		group.SetLimit(parallelLists)
		for i, folder := range folders {
			group.Go(func() error {
				w.progress(0)
				names, err := driver.List(folder)
				for _, name := range names {
					within[i] = append(within[i], path.Join(folder, name))
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
		folders = slices.Concat(within...)
	}
	for i, folder := range folders {
		folders[i] = path.Base(folder)
	}
	slices.Sort(folders)
	return folders, nil
}

// volume describes one volume; its Error says what stood in the way.
func (w *worker) volume(driver backupstore.BackupStoreDriver, name string) Volume {
	volume := Volume{Name: name}
	names, err := driver.List(backupsPath(name))
	if err != nil {
		volume.Error = fmt.Sprintf("list the backups of volume %s: %v", name, err)
		return volume
	}
	volume.Backups = util.ExtractNames(names, backupstore.BACKUP_CONFIG_PREFIX, backupstore.CFG_SUFFIX)
	slices.Sort(volume.Backups)
	w.describe(&volume)
	return volume
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
