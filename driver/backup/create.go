package backup

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/util"
	lhbackup "github.com/longhorn/go-common-libs/backup"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// create uploads the snapshot. The driver may have been ended after an earlier
// upload and before it could note that; a finished backup is therefore no error.
func (w *worker) create(ctx context.Context) (Result, error) {
	if done := w.info(w.Backup); done.Error == "" {
		return Result{Backups: []Info{done}}, nil
	}
	reader, err := engine.OpenReader(w.Source.DataDir)
	if err != nil {
		return Result{}, err
	}
	if err := w.otherLocks(backupstore.BACKUP_LOCK); err != nil {
		return Result{}, err
	}
	upload := &upload{worker: w, ctx: ctx, reader: reader, ended: make(chan struct{}, 1)}
	_, err = backupstore.CreateDeltaBlockBackup(w.Backup, w.libraryConfig(upload))
	if err != nil {
		return Result{}, w.uploadError(err)
	}
	<-upload.ended // also when ctx ends, as then reading fails: else the lock would stay
	if err := upload.failure(); err != nil && !w.deviations.Has(deviation.BackupErrorIgnored) {
		return Result{}, w.uploadError(err)
	}
	info := w.info(w.Backup)
	if w.deviations.Has(deviation.BackupErrorIgnored) && info.Error != "" {
		info = Info{Name: w.Backup, Volume: w.Volume, URL: w.url()}
	}
	if info.Error != "" {
		return Result{}, w.uploadError(errors.New(info.Error))
	}
	return Result{Backups: []Info{info}, ReadBytes: upload.read.Load()}, nil
}

func (w *worker) uploadError(err error) error {
	return fmt.Errorf("failed to back up snapshot %s of volume %s to %s: %w", w.Source.Snapshot, w.Volume, w.Target, err)
}

// libraryConfig is the request in the library's words.
func (w *worker) libraryConfig(upload *upload) *backupstore.DeltaBackupConfig {
	mode := lhbackup.LonghornBackupModeIncremental
	if w.Source.Full && !w.deviations.Has(deviation.BackupFullIgnored) {
		mode = lhbackup.LonghornBackupModeFull
	}
	return &backupstore.DeltaBackupConfig{
		BackupName: w.Backup,
		Volume: &backupstore.Volume{
			Name: w.Volume, Size: w.Source.SizeBytes, Labels: w.Source.Labels, CreatedTime: util.Now(),
			CompressionMethod: w.Source.Compression, DataEngine: string(backupstore.DataEngineV1),
		},
		Snapshot: &backupstore.Snapshot{Name: w.Source.Snapshot, CreatedTime: w.Source.SnapshotCreatedAt},
		DestURL:  w.Target, DeltaOps: upload, Labels: w.Source.Labels,
		ConcurrentLimit: int32(max(w.Concurrency, 1)),
		Parameters: map[string]string{
			lhbackup.LonghornBackupParameterBackupMode:      string(mode),
			lhbackup.LonghornBackupParameterBackupBlockSize: strconv.FormatInt(w.Source.BlockBytes, 10),
		},
	}
}
