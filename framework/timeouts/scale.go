package timeouts

import "time"

// budgets are the budgets of what specs wait for. Those of the installation
// are left out: a restart of the driver takes as long as it takes.
var budgets = []*Budget{
	&SnapshotReady, &SnapshotRefused, &SnapshotDeleted, &SnapshotPurged, &ClaimBound, &ClaimRefused,
	&VolumeRestored, &VolumeDetached, &VolumeDeleted, &VolumeExpanded, &PodReady, &PodGone, &NothingLeft, &WriterProgress,
}

// Scale multiplies the budgets of what specs wait for, for runs against a
// driver that is known to be broken and small. Call it once, before any spec.
func Scale(factor float64) {
	for _, budget := range budgets {
		budget.Limit = time.Duration(float64(budget.Limit) * factor)
	}
}
