package backup

import (
	"time"

	"github.com/muster-csi/muster/driver/deviation"
)

// Operation is what a worker does.
type Operation string

const (
	// List reads which volumes and backups the store has.
	List Operation = "list"
	// Inspect reads the configs of some backups.
	Inspect Operation = "inspect"
	// Create uploads a snapshot. One that is there already is left as it is.
	Create Operation = "create"
	// Restore fills a file from a backup.
	Restore Operation = "restore"
	// RestoreImage fills a file from the backup of a backing image, whose name Backup is.
	RestoreImage Operation = "restore-image"
	// Delete removes a backup and the blocks that no other needs. A missing one is fine.
	Delete Operation = "delete"
	// DeleteVolume removes everything that the store has of a volume. A missing one is fine.
	DeleteVolume Operation = "delete-volume"
)

// Request is one operation on one store. It holds no secrets: those are in the
// environment of the worker.
type Request struct {
	// Operation says which of the other fields count.
	Operation Operation `json:"operation"`
	// Target is the URL of the store, as s3://bucket@region/path/.
	Target string `json:"target"`
	// Volume is the volume's name in the store; for Create, Restore, Delete, DeleteVolume and Inspect.
	Volume string `json:"volume,omitempty"`
	// Backup is the backup's name; for Create, Restore, RestoreImage and Delete.
	Backup string `json:"backup,omitempty"`
	// Backups are the names of the backups to inspect.
	Backups []string `json:"backups,omitempty"`
	// Source says what Create uploads.
	Source Source `json:"source,omitzero"`
	// File is what Restore and RestoreImage write into. It exists, is empty and is left with
	// holes where the backup has no data.
	File string `json:"file,omitempty"`
	// Concurrency is how many blocks are moved at the same time.
	Concurrency int `json:"concurrency,omitempty"`
	// Deviations are the planted defects that are on, as deviation.Parse reads them.
	Deviations string `json:"deviations,omitempty"`
}

// has reports whether a planted defect is on.
func (r Request) has(name deviation.Name) bool {
	set, err := deviation.Parse(r.Deviations)
	return err == nil && set.Has(name)
}

// Source is a snapshot to back up.
type Source struct {
	// DataDir is the engine's data directory.
	DataDir string `json:"dataDir"`
	// Snapshot is the snapshot's name.
	Snapshot string `json:"snapshot"`
	// SnapshotCreatedAt is the moment of the cut, in RFC 3339.
	SnapshotCreatedAt string `json:"snapshotCreatedAt"`
	// SizeBytes is the size of the volume at the cut.
	SizeBytes int64 `json:"sizeBytes"`
	// BlockBytes is the size of a backup block, 2 MiB or 16 MiB.
	BlockBytes int64 `json:"blockBytes"`
	// Compression is lz4, gzip or none. A volume keeps in the store what its first backup had.
	Compression string `json:"compression"`
	// Full uploads every block, also those that the store has.
	Full bool `json:"full,omitempty"`
	// Labels are stored with the backup.
	Labels map[string]string `json:"labels,omitempty"`
}

// Event is one line that a worker writes: how far it is, or how it ended.
type Event struct {
	// Progress is in percent.
	Progress int `json:"progress,omitempty"`
	// Done is set in the last line.
	Done bool `json:"done,omitempty"`
	// Error says why the operation failed, "" when it did not.
	Error string `json:"error,omitempty"`
	// Missing is set when what the operation needs is not in the store.
	Missing bool `json:"missing,omitempty"`
	// Result is what the operation found.
	Result Result `json:"result,omitzero"`
}

// Result is what an operation found.
type Result struct {
	// Volumes are those of the store, for List.
	Volumes []Volume `json:"volumes,omitempty"`
	// Backups are those that were inspected, or the one that was created.
	Backups []Info `json:"backups,omitempty"`
	// ReadBytes is how much Create has read of the snapshot's data.
	ReadBytes int64 `json:"readBytes,omitempty"`
}

// Volume is what a store has of one volume.
type Volume struct {
	// Name is the volume's name.
	Name string `json:"name"`
	// Error says why the volume's config could not be read, "" when it could.
	Error string `json:"error,omitempty"`
	// SizeBytes is the size of the volume at its last backup (B-11).
	SizeBytes int64 `json:"sizeBytes"`
	// StoredBytes is what its blocks hold, uncompressed.
	StoredBytes int64 `json:"storedBytes"`
	// Labels are those of the last backup.
	Labels map[string]string `json:"labels,omitempty"`
	// CreatedAt, LastBackup and LastBackupAt are as in the config.
	CreatedAt    string `json:"createdAt,omitempty"`
	LastBackup   string `json:"lastBackup,omitempty"`
	LastBackupAt string `json:"lastBackupAt,omitempty"`
	// StorageClass is the name of the class that the volume was made with.
	StorageClass string `json:"storageClass,omitempty"`
	// Backups are the names of its backups, unfinished ones included.
	Backups []string `json:"backups,omitempty"`
}

// Info is what a store says about one backup.
type Info struct {
	// Name is the backup's name, Volume its volume's.
	Name, Volume string
	// Error says why its config could not be read or used, "" when it could.
	Error string
	// URL is how Volume.spec.fromBackup names it (B-20).
	URL string
	// Snapshot and SnapshotCreatedAt say what it is a backup of, CreatedAt when it was finished.
	Snapshot, SnapshotCreatedAt, CreatedAt string
	// SizeBytes is what its blocks hold, VolumeBytes the size of the volume.
	SizeBytes, VolumeBytes int64
	// VolumeCreatedAt is when the volume was first backed up.
	VolumeCreatedAt string
	// NewBytes were uploaded for it, AgainBytes although the store had them.
	NewBytes, AgainBytes int64
	// Labels and Compression are as in its config.
	Labels      map[string]string
	Compression string
}

// stall is how long a worker may go without progress before it is ended, unless
// the Runner says otherwise. Longhorn's setting backup-execution-timeout has the
// same default.
const stall = time.Minute
