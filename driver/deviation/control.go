package deviation

// Planted defects of the control side: CSI controller and reconcilers.
const (
	// HandleSwapped breaks H-01. CreateSnapshot emits snap://<snapshot>/<volume>.
	HandleSwapped Name = "handle-swapped"
	// RestoreSizeUsedBytes breaks I-14. restoreSize is the number of allocated bytes instead of the provisioned size.
	RestoreSizeUsedBytes Name = "restore-size-used-bytes"
	// CreationTimeEpoch breaks C-20. creationTime is 1970-01-01, as if the timestamp had been left out.
	CreationTimeEpoch Name = "creation-time-epoch"
	// CreateSnapshotAgainNewTime breaks C-20. A repeated CreateSnapshot answers with the moment of the repeat.
	CreateSnapshotAgainNewTime Name = "create-snapshot-again-new-time"
	// DeleteLeaksSnapshot breaks D-04. DeleteSnapshot answers OK and deletes nothing.
	DeleteLeaksSnapshot Name = "delete-leaks-snapshot"
	// DeleteMissingFails breaks D-05. DeleteSnapshot of a missing snapshot or volume answers Internal.
	DeleteMissingFails Name = "delete-missing-fails"
	// RestoreAcceptsLarger breaks R-11. A restore into a larger volume than the source is accepted.
	RestoreAcceptsLarger Name = "restore-accepts-larger"
	// DetachedRefused breaks C-22. From contract 1.5 on a detached source is still refused, as in 1.4.
	DetachedRefused Name = "detached-refused"
	// DetachedAccepted breaks C-22. Under contract 1.4 a detached source is snapshotted, as in 1.5.
	DetachedAccepted Name = "detached-accepted"
	// TypeUnchecked breaks C-05. An unknown snapshot type is treated as snap.
	TypeUnchecked Name = "type-unchecked"
	// BadHandleRestoresEmpty breaks H-10. A restore by a handle that means nothing makes an empty volume.
	BadHandleRestoresEmpty Name = "bad-handle-restores-empty"
	// CloneAcceptsLarger breaks R-21. A clone into a larger volume than the source is accepted.
	CloneAcceptsLarger Name = "clone-accepts-larger"
	// ExpandReportedOnly breaks I-09. ControllerExpandVolume answers OK and nothing grows.
	ExpandReportedOnly Name = "expand-reported-only"
	// SnapshotOfWrongVolumeUnderLoad breaks C-20. Concurrent CreateSnapshot calls share one cut: a later one of the same volume gets the handle of the earlier one.
	SnapshotOfWrongVolumeUnderLoad Name = "snapshot-of-wrong-volume-under-load"
	// PreprovisionedRefused breaks S-02. A restore by handle is refused unless this controller process made the snapshot itself.
	PreprovisionedRefused Name = "preprovisioned-refused"
	// RetainDeletes breaks S-07. The driver deletes Snapshot CRs whose VolumeSnapshot is gone, whatever the deletion policy says.
	RetainDeletes Name = "retain-deletes"
	// SourceDeleteRefused breaks D-27. DeleteVolume fails while snapshots of the volume exist.
	SourceDeleteRefused Name = "source-delete-refused-with-snapshots"
	// SnapshotLimitIgnored breaks C-27. A volume gets more snapshots than its limit allows.
	SnapshotLimitIgnored Name = "snapshot-limit-ignored"
	// PurgeSettingIgnored breaks D-22. A deleted snapshot goes although disable-snapshot-purge is on.
	PurgeSettingIgnored Name = "purge-setting-ignored"
	// XFSMinimumUnchecked breaks V-05. A new xfs volume may have any size.
	XFSMinimumUnchecked Name = "xfs-minimum-unchecked"
	// CloneModeIgnored breaks R-16. The StorageClass parameter cloneMode has no effect.
	CloneModeIgnored Name = "clone-mode-ignored"
	// CloneEngineUnchecked breaks R-18. A class with another data engine than the source's makes a volume of the source's.
	CloneEngineUnchecked Name = "clone-engine-unchecked"
	// CloneNotRetried breaks R-17. A clone that has failed once is not tried again.
	CloneNotRetried Name = "clone-not-retried"
)

// controlSide lists the planted defects of the control side.
var controlSide = []Deviation{
	{HandleSwapped, Defect, "snap", "H-01", "CreateSnapshot emits snap://<snapshot>/<volume>."},
	{RestoreSizeUsedBytes, Defect, "snap", "I-14", "restoreSize is the number of allocated bytes instead of the provisioned size."},
	{CreationTimeEpoch, Defect, "snap", "C-20", "creationTime is 1970-01-01, as if the timestamp had been left out."},
	{CreateSnapshotAgainNewTime, Defect, "snap", "C-20", "A repeated CreateSnapshot answers with the moment of the repeat."},
	{DeleteLeaksSnapshot, Defect, "lifecycle", "D-04", "DeleteSnapshot answers OK and deletes nothing."},
	{DeleteMissingFails, Defect, "lifecycle", "D-05", "DeleteSnapshot of a missing snapshot or volume answers Internal."},
	{RestoreAcceptsLarger, Defect, "limits", "R-11", "A restore into a larger volume than the source is accepted."},
	{DetachedRefused, Defect, "limits", "C-22", "From contract 1.5 on a detached source is still refused, as in 1.4."},
	{DetachedAccepted, Defect, "limits", "C-22", "Under contract 1.4 a detached source is snapshotted, as in 1.5."},
	{TypeUnchecked, Defect, "limits", "C-05", "An unknown snapshot type is treated as snap."},
	{BadHandleRestoresEmpty, Defect, "limits", "H-10", "A restore by a handle that means nothing makes an empty volume."},
	{CloneAcceptsLarger, Defect, "clone", "R-21", "A clone into a larger volume than the source is accepted."},
	{ExpandReportedOnly, Defect, "expand", "I-09", "ControllerExpandVolume answers OK and nothing grows."},
	{SnapshotOfWrongVolumeUnderLoad, Defect, "snap", "C-20", "Concurrent CreateSnapshot calls share one cut: a later one of the same volume gets the handle of the earlier one."},
	{PreprovisionedRefused, Defect, "restore", "S-02", "A restore by handle is refused unless this controller process made the snapshot itself."},
	{RetainDeletes, Defect, "lifecycle", "S-07", "The driver deletes Snapshot CRs whose VolumeSnapshot is gone, whatever the deletion policy says."},
	{SnapshotLimitIgnored, Defect, "limits", "C-27", "A volume gets more snapshots than its limit allows."},
	{PurgeSettingIgnored, Defect, "lifecycle", "D-22", "A deleted snapshot goes although disable-snapshot-purge is on."},
	{XFSMinimumUnchecked, Defect, "limits", "V-05", "A new xfs volume may have any size."},
	{CloneModeIgnored, Defect, "restore", "R-16", "The StorageClass parameter cloneMode has no effect."},
	{CloneEngineUnchecked, Defect, "restore", "R-18", "A class with another data engine than the source's makes a volume of the source's."},
	{CloneNotRetried, Defect, "clone", "R-17", "A clone that has failed once is not tried again."},
	{SourceDeleteRefused, Defect, "lifecycle", "D-27", "DeleteVolume fails while snapshots of the volume exist."},
}
