package deviation

// Planted defects of what the CSI controller answers and of what it takes from a request.
const (
	// SnapshotErrorsAborted breaks S-05. Every failure of CreateSnapshot is Aborted, also one that no repeat can mend.
	SnapshotErrorsAborted Name = "snapshot-errors-aborted"
	// TargetErrorFinal breaks S-05. A backup whose target is not available fails with Internal instead of Aborted.
	TargetErrorFinal Name = "target-error-final"
	// BackupRunningRefused breaks C-30. A repeated CreateSnapshot fails until the backup is complete.
	BackupRunningRefused Name = "backup-running-refused"
	// SnapshotSecretsKept breaks S-09. The secrets of CreateSnapshot become labels of the snapshot.
	SnapshotSecretsKept Name = "snapshot-secrets-kept"
	// CreateWaitsForData breaks V-10. CreateVolume answers only when all data are restored.
	CreateWaitsForData Name = "create-waits-for-data"
	// VolumeContextBare breaks V-10. The volume context lacks what the volume is made from.
	VolumeContextBare Name = "volume-context-bare"
	// PublishUnfinished breaks V-11. ControllerPublishVolume does not ask whether the data are there.
	PublishUnfinished Name = "publish-unfinished"
	// ClassSourceWins breaks V-13. StorageClass parameters win over the content source.
	ClassSourceWins Name = "class-source-wins"
	// AccessModeIgnored breaks V-12. Every volume is stored as rwo.
	AccessModeIgnored Name = "access-mode-ignored"
	// ReadOnlyAccepted breaks I-06. Read-only access modes are accepted.
	ReadOnlyAccepted Name = "read-only-accepted"
	// DetachedRestored breaks R-13. Under contract 1.4 a snap of a detached volume is restored, as in 1.5.
	DetachedRestored Name = "detached-restored"
)

// sidecars is the label of the specs about how the sidecars take the driver's answers.
const sidecars = "sidecar"

// answers lists the planted defects of what the CSI controller answers.
var answers = []Deviation{
	{SnapshotErrorsAborted, Defect, sidecars, "S-05", "Every failure of CreateSnapshot is Aborted, also one that no repeat can mend."},
	{TargetErrorFinal, Defect, sidecars, "S-05", "A backup whose target is not available fails with Internal instead of Aborted."},
	{BackupRunningRefused, Defect, sidecars, "C-30", "A repeated CreateSnapshot fails until the backup is complete."},
	{SnapshotSecretsKept, Defect, sidecars, "S-09", "The secrets of CreateSnapshot become labels of the snapshot."},
	{CreateWaitsForData, Defect, "restore", "V-10", "CreateVolume answers only when all data are restored."},
	{VolumeContextBare, Defect, "restore", "V-10", "The volume context lacks what the volume is made from."},
	{PublishUnfinished, Defect, "restore", "V-11", "ControllerPublishVolume does not ask whether the data are there."},
	{ClassSourceWins, Defect, "restore", "V-13", "StorageClass parameters win over the content source."},
	{AccessModeIgnored, Defect, "limits", "V-12", "Every volume is stored as rwo."},
	{ReadOnlyAccepted, Defect, "limits", "I-06", "Read-only access modes are accepted."},
	{DetachedRestored, Defect, "limits", "R-13", "Under contract 1.4 a snap of a detached volume is restored, as in 1.5."},
}
