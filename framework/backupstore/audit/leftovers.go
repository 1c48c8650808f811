package audit

import (
	"fmt"
	"slices"
	"time"
)

// checkCounts compares volume.cfg with what is there. Between a write of blocks
// or backups and that of volume.cfg nothing can be said.
func (l *look) checkCounts() {
	if l.config == nil {
		return
	}
	key := l.inv.folder.config()
	if last := l.config.LastBackupName; last != "" {
		if _, there := l.inv.backups[last]; !there {
			l.violate(KindLastBackup, key, false, nil, "its LastBackupName %q names no backup that is there: the next backup is a full one", last)
		}
	}
	if l.unsettled || l.locked() {
		return
	}
	// A missing block and one that a deletion has not removed yet are told on
	// their own; Longhorn counts them or not, depending on what it did last.
	both := 0
	for sum := range l.needed {
		if _, there := l.inv.blocks[sum]; there {
			both++
		}
	}
	either := len(l.needed) + len(l.inv.blocks) - both
	if count := l.config.BlockCount; count < int64(both) || count > int64(either) {
		l.violate(KindBlockCount, key, false, nil, "its BlockCount is %d, the backups need %s blocks: the next deletion of a backup corrects it", count, between(both, either))
	}
}

func between(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// lockLife is how long a lock is valid without being refreshed, by Longhorn's rule.
const lockLife = 150 * time.Second

// locked tells whether somebody may be at work in the volume.
func (l *look) locked() bool {
	return slices.ContainsFunc(l.inv.locks, func(lock Object) bool { return l.now.Sub(lock.Modified) <= lockLife })
}

// checkLeftovers reports what has no place in a store at rest.
func (l *look) checkLeftovers() {
	for _, lock := range l.inv.locks {
		if age := max(0, l.now.Sub(lock.Modified)).Round(time.Second); !l.running {
			l.violate(KindLock, lock.Key, false, nil, "the lock was refreshed %s ago and is valid for %s: an operation runs, or was killed and left it behind", age, lockLife)
		}
	}
	for _, object := range l.inv.unknown {
		if v, wrong := unknownObject(l.inv.folder.volume, object, l.running); wrong {
			l.violations = append(l.violations, v)
		}
	}
}
