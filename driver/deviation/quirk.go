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
)

// quirks lists what real Longhorn does against common sense or the CSI specification.
var quirks = []Deviation{
	{NameConflictInternal, Quirk, "snap", "C-21", "The same snapshot name on another volume answers Internal instead of AlreadyExists."},
	{EmptyVolumeHandle, Quirk, "restore", "H-14", "snap:///x makes an empty volume instead of being refused."},
	{HandleTailIgnored, Quirk, "restore", "H-15", "snap://v/s/extra is read as snap://v/s instead of being refused."},
	{ForeignVolumeHandle, Quirk, "restore", "H-17", "snap://w/s restores snapshot s of another volume v of equal size instead of being refused."},
	{SilentDelete, Quirk, "lifecycle", "D-02", "DeleteSnapshot of a malformed handle with a scheme answers OK instead of InvalidArgument."},
}
