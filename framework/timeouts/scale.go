package timeouts

import "time"

// Scale multiplies the budgets of what specs wait for, for runs against a
// driver that is known to be broken. Those of the installation stay: a restart
// of the driver takes as long as it takes. Call it once, before any wait.
func Scale(factor float64) {
	for _, budget := range []*Budget{
		&SnapshotReady, &SnapshotRefused, &SnapshotFailed, &SnapshotDeleted, &SnapshotPurged, &ClaimBound, &ClaimRefused, &VolumeRestored,
		&VolumeDetached, &VolumeDeleted, &VolumeExpanded, &PodReady, &PodGone, &NothingLeft, &WriterProgress,
		&TargetAvailable, &BackupReady, &BackupFailed, &BackupGone, &BackupSeen, &FrontSeen,
		&ImageReady, &ImageFailed, &ImageGone, &CSICall,
	} {
		budget.Limit = time.Duration(float64(budget.Limit) * factor)
	}
}
