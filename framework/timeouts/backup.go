package timeouts

import "time"

var (
	// TargetAvailable is until the driver has looked at a backup target: available, or not and why.
	TargetAvailable = Budget{"TargetAvailable", 90 * time.Second}
	// BackupReady is until a backup of a small volume is in the store and the sidecar has asked again:
	// the upload, and a back-off of the sidecar (contract 13).
	BackupReady = Budget{"BackupReady", 6 * time.Minute}
	// BackupFailed is until a backup that cannot succeed has failed, retries of the S3 client included.
	BackupFailed = Budget{"BackupFailed", 4 * time.Minute}
	// BackupGone is until a deleted backup is gone from the cluster and from the store.
	BackupGone = Budget{"BackupGone", 4 * time.Minute}
	// BackupSeen is until a backup that is in the store, and that others have put there, is seen by the driver.
	BackupSeen = Budget{"BackupSeen", 2 * time.Minute}
	// FrontSeen is until a front before the store has met the requests that it waits for.
	FrontSeen = Budget{"FrontSeen", 60 * time.Second}
)
