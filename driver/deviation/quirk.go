package deviation

// Quirks of real Longhorn that the contract does not ask for.
const (
	// NameConflictInternal breaks C-21. The same snapshot name on another volume answers Internal instead of AlreadyExists.
	NameConflictInternal Name = "name-conflict-internal"
	// EmptyVolumeHandle breaks H-14. snap:///x makes an empty volume instead of being refused.
	EmptyVolumeHandle Name = "empty-volume-handle"
	// HandleTailIgnored breaks H-15. snap://v/s/extra is read as snap://v/s instead of being refused.
	HandleTailIgnored Name = "handle-tail-ignored"
	// ForeignVolumeHandle breaks H-17. snap://w/s restores snapshot s of another volume v of equal size instead of being refused.
	ForeignVolumeHandle Name = "foreign-volume-handle"
	// SilentDelete breaks D-02. DeleteSnapshot of a malformed handle with a scheme answers OK instead of InvalidArgument.
	SilentDelete Name = "silent-delete"
	// EmptyBackupLabelRefused breaks C-11. A class parameter with an empty value fails every backup after its snapshot was taken.
	EmptyBackupLabelRefused Name = "empty-backup-label-refused"
	// ReservedBackupLabelRefused breaks C-12. A class parameter with a name that Longhorn keeps for itself fails every backup after its snapshot was taken.
	ReservedBackupLabelRefused Name = "reserved-backup-label-refused"
	// UnqualifiedBackupLabelRefused breaks C-10. A class parameter whose name is no qualified name fails every backup after its snapshot was taken.
	UnqualifiedBackupLabelRefused Name = "unqualified-backup-label-refused"
	// StuckSnapshotKept breaks D-09. DeleteSnapshot of a snap fails while its volume is faulted or standby.
	StuckSnapshotKept Name = "stuck-snapshot-kept"
	// ForeignBackupHandle breaks H-20. bak://w/b restores backup b of another volume v instead of being refused.
	ForeignBackupHandle Name = "foreign-backup-handle"
	// BackupSizeKept breaks R-31. A larger claim from a backup is Bound, but its volume keeps the backup's size.
	BackupSizeKept Name = "backup-size-kept"
	// UnfinishedBackupRestoresEmpty breaks R-35. A handle of an unfinished or failed backup restores an empty volume.
	UnfinishedBackupRestoresEmpty Name = "unfinished-backup-restores-empty"
	// ImageReadyBeforeCut breaks C-45. A backing image is reported ready at once and its data are cut some seconds later.
	ImageReadyBeforeCut Name = "image-ready-before-cut"
)

// quirks lists what real Longhorn does against common sense or the CSI specification.
var quirks = []Deviation{
	{NameConflictInternal, Quirk, "snap", "C-21", "The same snapshot name on another volume answers Internal instead of AlreadyExists."},
	{EmptyVolumeHandle, Quirk, "restore", "H-14", "snap:///x makes an empty volume instead of being refused."},
	{HandleTailIgnored, Quirk, "restore", "H-15", "snap://v/s/extra is read as snap://v/s instead of being refused."},
	{ForeignVolumeHandle, Quirk, "restore", "H-17", "snap://w/s restores snapshot s of another volume v of equal size instead of being refused."},
	{SilentDelete, Quirk, "lifecycle", "D-02", "DeleteSnapshot of a malformed handle with a scheme answers OK instead of InvalidArgument."},
	{EmptyBackupLabelRefused, Quirk, "bak-create", "C-11", "A class parameter with an empty value fails every backup after its snapshot was taken."},
	{ReservedBackupLabelRefused, Quirk, "bak-create", "C-12", "A class parameter with a name that Longhorn keeps for itself fails every backup after its snapshot was taken."},
	{UnqualifiedBackupLabelRefused, Quirk, "bak-create", "C-10", "A class parameter whose name is no qualified name fails every backup after its snapshot was taken."},
	{StuckSnapshotKept, Quirk, "lifecycle", "D-09", "DeleteSnapshot of a snap fails while its volume is faulted or standby."},
	{ForeignBackupHandle, Quirk, "bak-restore", "H-20", "bak://w/b restores backup b of another volume v instead of being refused."},
	{BackupSizeKept, Quirk, "bak-restore", "R-31", "A larger claim from a backup is Bound, but its volume keeps the backup's size."},
	{UnfinishedBackupRestoresEmpty, Quirk, "bak-restore", "R-35", "A handle of an unfinished or failed backup restores an empty volume."},
	{ImageReadyBeforeCut, Quirk, "bi-create", "C-45", "A backing image is reported ready at once and its data are cut some seconds later."},
}
