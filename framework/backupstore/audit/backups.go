package audit

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// parallel is how many objects of a volume are read at the same time. Waiting
// for the store takes longer than decompressing.
const parallel = 4

// readBackups reads every backup's cfg.
func (l *look) readBackups(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, name := range l.backupNames() {
		group.Go(func() error { return l.readBackup(ctx, name) })
	}
	err := group.Wait()
	slices.SortFunc(l.info.Backups, func(a, b Backup) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(l.info.InProgress)
	return err
}

// readBackup looks at one backup's cfg.
func (l *look) readBackup(ctx context.Context, name string) error {
	key, only := l.inv.folder.backup(name), []string{name}
	var config backupConfig
	err := readConfig(ctx, l.store, key, &config)
	var enc encoding
	if err == nil {
		enc, err = config.encoding()
	}
	switch {
	case isFault(err), errors.Is(err, fs.ErrNotExist):
		l.violate(KindBackupConfig, key, true, only, "%v; Longhorn removes no blocks of the volume as long as it is there: delete the backup", err)
		l.settleNot()
		return nil
	case err != nil:
		return err
	}
	if config.Name != name || config.VolumeName != l.inv.folder.volume {
		l.violate(KindName, key, false, only, "it calls itself backup %q of volume %q, not %q of %q as its path",
			config.Name, config.VolumeName, name, l.inv.folder.volume)
	}
	if config.inProgress() {
		l.settleNot()
		l.mu.Lock()
		l.info.InProgress = append(l.info.InProgress, name)
		l.mu.Unlock()
		if !l.running {
			l.violate(KindInProgress, key, false, only, "the backup has begun and not ended; Longhorn removes no blocks of the volume as long as it is there: delete the backup")
		}
		return nil
	}
	l.checkBackup(key, name, &config, enc)
	return nil
}

// settleNot notes that the blocks of some backup are not known.
func (l *look) settleNot() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsettled = true
}

// checkBackup compares the parts of a finished backup's cfg with each other and
// with the volume, and adds it to what is known.
func (l *look) checkBackup(key, name string, config *backupConfig, enc encoding) {
	only := []string{name}
	if size := l.info.Size; size%enc.size != 0 {
		l.violate(KindBlockMap, key, true, only, "the volume's size of %d bytes is no multiple of the backup's block size %d, which Longhorn does not restore", size, enc.size)
	}
	if fault := checkMap(config.Blocks, enc.size, l.info.Size); fault != nil {
		l.violate(KindBlockMap, key, fault.lost, only, "%s", fault.text)
	}
	if want := int64(len(config.Blocks)) * enc.size; config.Size != want {
		l.violate(KindBackupSize, key, false, only, "its Size is %d bytes, its %d blocks of %d bytes make %d", config.Size, len(config.Blocks), enc.size, want)
	}
	backup := Backup{
		Name: name, Volume: l.inv.folder.volume, Snapshot: config.SnapshotName, Created: config.CreatedTime,
		Size: config.Size, BlockSize: enc.size, Compression: enc.method, Incremental: config.IsIncremental,
		NewlyUploaded: config.NewlyUploadedDataSize, ReUploaded: config.ReUploadedDataSize,
		BlockCount: len(config.Blocks), Blocks: config.Blocks,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.info.Backups = append(l.info.Backups, backup)
}
