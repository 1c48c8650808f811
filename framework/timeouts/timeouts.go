// Package timeouts names every deadline of the suite in one place. A wait ends
// as soon as its condition holds; a budget is only what a correct driver never
// needs, real Longhorn on a small machine included.
package timeouts

import "time"

// Budget is one named deadline.
type Budget struct {
	// Name is the constant's name, printed when the budget is used up.
	Name string
	// Limit is how long the condition may take to hold.
	Limit time.Duration
}

var (
	// SnapshotReady covers attach, the driver's own 90 s wait and one retry of the sidecar.
	SnapshotReady = Budget{"SnapshotReady", 150 * time.Second}
	// SnapshotRefused is until a refusal is visible on the VolumeSnapshot.
	SnapshotRefused = Budget{"SnapshotRefused", 60 * time.Second}
	// SnapshotFailed is until a snapshot that cannot be cut is given up: the driver's own 90 s wait and one retry of the sidecar.
	SnapshotFailed = Budget{"SnapshotFailed", 150 * time.Second}
	// SnapshotDeleted covers one DeleteSnapshot call of at most 110 s and a back-off.
	SnapshotDeleted = Budget{"SnapshotDeleted", 180 * time.Second}
	// SnapshotPurged is until the Longhorn Snapshot behind a deleted VolumeSnapshot is gone or marked removed.
	SnapshotPurged = Budget{"SnapshotPurged", 90 * time.Second}
	// ClaimBound is Longhorn's 90 s wait for a new volume and one retry.
	ClaimBound = Budget{"ClaimBound", 120 * time.Second}
	// ClaimRefused is until a refused claim has been tried again and is still Pending.
	ClaimRefused = Budget{"ClaimRefused", 60 * time.Second}
	// VolumeRestored is until Longhorn has copied the data of a restore or clone of a small volume.
	VolumeRestored = Budget{"VolumeRestored", 180 * time.Second}
	// VolumeDetached is until nothing uses a volume any more.
	VolumeDetached = Budget{"VolumeDetached", 90 * time.Second}
	// VolumeDeleted is until PersistentVolume and Longhorn Volume of a deleted claim are gone.
	VolumeDeleted = Budget{"VolumeDeleted", 180 * time.Second}
	// VolumeExpanded is until a larger size has reached claim and file system.
	VolumeExpanded = Budget{"VolumeExpanded", 180 * time.Second}
	// PodGone is until a deleted pod has ended and its volumes are unmounted.
	PodGone = Budget{"PodGone", 90 * time.Second}
	// NothingLeft is until the storage below Kubernetes holds nothing of a finished run.
	NothingLeft = Budget{"NothingLeft", 60 * time.Second}
	// WriterProgress is until a running writer has gone on by the records that were asked for.
	WriterProgress = Budget{"WriterProgress", 60 * time.Second}
)

const (
	// Spec is how long one spec may run in total.
	Spec = 8 * time.Minute
	// Cleanup is how long evidence, removal and leak check of one spec may take together.
	Cleanup = 6 * time.Minute
	// Evidence is the part of Cleanup that collecting evidence may take.
	Evidence = 45 * time.Second
	// Why is how long looking for the cause of a wait in vain may take.
	Why = 20 * time.Second
)
