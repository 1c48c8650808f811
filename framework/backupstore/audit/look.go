package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"
)

// look is one look at one volume.
type look struct {
	store   Store
	inv     *inventory
	running bool
	now     time.Time

	config *volumeConfig    // nil when it is unusable
	needed map[string]*need // blocks that backups list, by checksum
	// unsettled says that blocks may belong to a backup whose list is not known,
	// so that none can be called an orphan.
	unsettled bool

	mu         sync.Mutex // of what follows
	info       Volume
	violations []Violation
}

// violate adds a violation; lost says whether the backups are, or only affected.
func (l *look) violate(kind Kind, object string, lost bool, backups []string, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, Violation{
		Kind: kind, Volume: l.inv.folder.volume, Backups: backups, Lost: lost && len(backups) > 0,
		Object: object, Text: fmt.Sprintf(format, args...),
	})
}

// backupNames returns every backup that has a cfg, sorted.
func (l *look) backupNames() []string { return slices.Sorted(maps.Keys(l.inv.backups)) }

// readConfig looks at the volume's name and at volume.cfg.
func (l *look) readConfig(ctx context.Context) error {
	at, all := l.inv.folder, l.backupNames()
	if right := folderOf(at.volume); right != at {
		l.violate(KindName, at.path, true, all, "the folder does not fit the SHA-512 of the volume's name: Longhorn looks for the volume in %s", right.path)
	}
	if !l.inv.config {
		if len(l.inv.backups)+len(l.inv.blocks) > 0 {
			l.violate(KindVolumeConfig, at.config(), true, all, "it is not there, and Longhorn restores no backup of a volume without it")
		}
		return nil
	}
	var config volumeConfig
	err := readConfig(ctx, l.store, at.config(), &config)
	switch {
	case isFault(err), errors.Is(err, fs.ErrNotExist):
		l.violate(KindVolumeConfig, at.config(), true, all, "%v, and Longhorn restores no backup of a volume without it", err)
		return nil
	case err != nil:
		return err
	case config.Size <= 0:
		l.violate(KindVolumeConfig, at.config(), true, all, "the volume's size is %d bytes, and Longhorn restores no backup into such a volume", config.Size)
	}
	if config.Name != at.volume {
		l.violate(KindName, at.config(), false, all, "the volume is named %q there, not %q as the folder", config.Name, at.volume)
	}
	if _, err := checkMethod(config.CompressionMethod); err != nil {
		l.violate(KindVolumeConfig, at.config(), false, nil, "%v: the next backup fails", err)
	}
	l.config, l.info.Size, l.info.LastBackup = &config, max(0, config.Size), config.LastBackupName
	return nil
}
