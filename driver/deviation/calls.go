package deviation

// Planted defects of single CSI calls: codes, arguments and repeats.
const (
	// MissingNameInternal breaks V-02. A volume without a name fails with Internal, as if trying again could help.
	MissingNameInternal Name = "missing-name-internal"
	// CapabilitiesUnchecked breaks I-06. A volume of any access mode, or of none, is made.
	CapabilitiesUnchecked Name = "capabilities-unchecked"
	// ValidateConfirmsAll breaks I-07. ValidateVolumeCapabilities confirms everything, for volumes that do not exist too.
	ValidateConfirmsAll Name = "validate-confirms-all"
	// VolumeNameCut breaks V-01. A long name is cut, and nothing tells two of the same beginning apart.
	VolumeNameCut Name = "volume-name-cut"
	// SizeNotRounded breaks V-04. A volume is as small as the request, and its size is cut to whole units of 2 MiB.
	SizeNotRounded Name = "size-not-rounded"
	// VolumeAgainUnchecked breaks V-06. A repeated request is answered OK whatever size it asks for.
	VolumeAgainUnchecked Name = "volume-again-unchecked"
	// ParametersUnchecked breaks V-07. A StorageClass parameter that cannot be read is ignored.
	ParametersUnchecked Name = "parameters-unchecked"
	// ContentSourceForgotten breaks V-10. CreateVolume does not repeat the content source.
	ContentSourceForgotten Name = "content-source-forgotten"
	// WrongHandleInternal breaks H-10. Whatever is wrong with a handle, the answer is Internal.
	WrongHandleInternal Name = "wrong-handle-internal"
	// CloneOfMissingEmpty breaks R-20. A clone of a volume that does not exist is an empty volume.
	CloneOfMissingEmpty Name = "clone-of-missing-empty"
	// SnapshotNameFirst breaks C-06. The name of a snapshot is checked before its source.
	SnapshotNameFirst Name = "snapshot-name-first"
	// SnapshotSecretsRefused breaks C-08. A snapshot whose class has secrets is refused.
	SnapshotSecretsRefused Name = "snapshot-secrets-refused"
	// DeleteEmptyHandle breaks D-01. DeleteSnapshot without a handle, or of an empty snapshot, answers OK.
	DeleteEmptyHandle Name = "delete-empty-handle"
	// ListsAreEmpty breaks I-04. ListSnapshots and ListVolumes answer empty lists.
	ListsAreEmpty Name = "lists-are-empty"
	// ListSnapshotsOffered breaks I-03. LIST_SNAPSHOTS is among the capabilities.
	ListSnapshotsOffered Name = "list-snapshots-offered"
	// GroupSnapshotsOffered breaks I-05. The plugin offers a group controller, which it has not.
	GroupSnapshotsOffered Name = "group-snapshots-offered"
	// VolumeLimitInvented breaks I-11. The node says that it can take 100 volumes at most.
	VolumeLimitInvented Name = "volume-limit-invented"
	// MissingNodeInternal breaks I-15. Publishing to a node that does not exist fails with Internal, as if trying again could help.
	MissingNodeInternal Name = "missing-node-internal"
	// ExpandRangeUnchecked breaks I-09. An expansion without a size answers OK with the present one.
	ExpandRangeUnchecked Name = "expand-range-unchecked"
)

// calls lists the planted defects of single calls.
var calls = []Deviation{
	{MissingNameInternal, Defect, "api", "V-02", "A volume without a name fails with Internal, as if trying again could help."},
	{CapabilitiesUnchecked, Defect, "api", "I-06", "A volume of any access mode, or of none, is made."},
	{ValidateConfirmsAll, Defect, "api", "I-07", "ValidateVolumeCapabilities confirms everything, for volumes that do not exist too."},
	{VolumeNameCut, Defect, "api", "V-01", "A long name is cut, and nothing tells two of the same beginning apart."},
	{SizeNotRounded, Defect, "api", "V-04", "A volume is as small as the request, and its size is cut to whole units of 2 MiB."},
	{VolumeAgainUnchecked, Defect, "api", "V-06", "A repeated request is answered OK whatever size it asks for."},
	{ParametersUnchecked, Defect, "api", "V-07", "A StorageClass parameter that cannot be read is ignored."},
	{ContentSourceForgotten, Defect, "api", "V-10", "CreateVolume does not repeat the content source."},
	{WrongHandleInternal, Defect, "api", "H-10", "Whatever is wrong with a handle, the answer is Internal."},
	{CloneOfMissingEmpty, Defect, "api", "R-20", "A clone of a volume that does not exist is an empty volume."},
	{SnapshotNameFirst, Defect, "api", "C-06", "The name of a snapshot is checked before its source."},
	{SnapshotSecretsRefused, Defect, "api", "C-08", "A snapshot whose class has secrets is refused."},
	{DeleteEmptyHandle, Defect, "api", "D-01", "DeleteSnapshot without a handle, or of an empty snapshot, answers OK."},
	{ListsAreEmpty, Defect, "api", "I-04", "ListSnapshots and ListVolumes answer empty lists."},
	{ListSnapshotsOffered, Defect, "api", "I-03", "LIST_SNAPSHOTS is among the capabilities."},
	{GroupSnapshotsOffered, Defect, "api", "I-05", "The plugin offers a group controller, which it has not."},
	{VolumeLimitInvented, Defect, "api", "I-11", "The node says that it can take 100 volumes at most."},
	{MissingNodeInternal, Defect, "api", "I-15", "Publishing to a node that does not exist fails with Internal, as if trying again could help."},
	{ExpandRangeUnchecked, Defect, "api", "I-09", "An expansion without a size answers OK with the present one."},
}
