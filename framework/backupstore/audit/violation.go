package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// Kind says which rule of the format is violated. The list is closed.
type Kind string

const (
	// KindVolumeAbsent is a volume that was asked for and is not there.
	KindVolumeAbsent Kind = "volume-absent"
	// KindVolumeConfig is a volume.cfg that is missing or unusable.
	KindVolumeConfig Kind = "volume-config"
	// KindBackupConfig is a backup's cfg that is unusable.
	KindBackupConfig Kind = "backup-config"
	// KindName is a cfg or a folder that bears another name than its path.
	KindName Kind = "name"
	// KindLastBackup is a volume.cfg whose LastBackupName names no backup.
	KindLastBackup Kind = "last-backup"
	// KindBlockCount is a volume.cfg whose BlockCount is not the number of blocks.
	KindBlockCount Kind = "block-count"
	// KindBackupSize is a backup's cfg whose Size is not blocks x block size.
	KindBackupSize Kind = "backup-size"
	// KindBlockMap is a backup whose list of blocks is impossible.
	KindBlockMap Kind = "block-map"
	// KindBlockMissing is a block that backups need and that is not there.
	KindBlockMissing Kind = "block-missing"
	// KindBlockCorrupt is a block that does not hold what it is named after.
	KindBlockCorrupt Kind = "block-corrupt"
	// KindBlockOrphan is a block that no backup needs.
	KindBlockOrphan Kind = "block-orphan"
	// KindInProgress is the cfg of a backup that never ended.
	KindInProgress Kind = "backup-in-progress"
	// KindLock is a lock that was left behind.
	KindLock Kind = "lock"
	// KindUnknownObject is an object that has no place in the format.
	KindUnknownObject Kind = "unknown-object"
)

// Violation is one thing that is wrong in a store.
type Violation struct {
	// Kind is the rule.
	Kind Kind `json:"kind"`
	// Volume is the name of the volume, empty for an object that belongs to none.
	Volume string `json:"volume,omitempty"`
	// Backups are the names of the backups that are affected, all of them, sorted.
	Backups []string `json:"backups,omitempty"`
	// Lost says that Backups cannot be restored as long as this is so.
	Lost bool `json:"lost,omitempty"`
	// Object is the key of what is wrong, from the root of the store; a folder
	// ends in a slash.
	Object string `json:"object"`
	// Text says in a sentence what is wrong and what can be done.
	Text string `json:"text"`
}

// Error names kind, object and what is wrong in one line.
func (v Violation) Error() string { return fmt.Sprintf("%s: %s: %s", v.Kind, v.Object, v.Text) }

// sameAs tells whether both are about the same thing; the words may differ.
func (v Violation) sameAs(other Violation) bool {
	return v.Kind == other.Kind && v.Object == other.Object && slices.Equal(v.Backups, other.Backups)
}

// compare orders by volume, object and kind.
func (v Violation) compare(other Violation) int {
	return cmp.Or(cmp.Compare(v.Volume, other.Volume), cmp.Compare(v.Object, other.Object), cmp.Compare(v.Kind, other.Kind))
}
