package api

import (
	"cmp"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// NewVolumeSpec returns a spec that passes the CRD's validation: most of
// Longhorn's enumerations have no empty value. Size is in bytes.
func NewVolumeSpec(size int64) longhorn.VolumeSpec {
	return longhorn.VolumeSpec{
		Size:                        size,
		Frontend:                    longhorn.VolumeFrontendBlockDev,
		NumberOfReplicas:            1,
		StaleReplicaTimeout:         2880,
		AccessMode:                  longhorn.AccessModeReadWriteOnce,
		DataEngine:                  longhorn.DataEngineTypeV1,
		DataLocality:                longhorn.DataLocalityDisabled,
		BackupCompressionMethod:     longhorn.BackupCompressionMethodLz4,
		BackupBlockSize:             2 << 20,
		BackupTargetName:            "default",
		RestoreVolumeRecurringJob:   longhorn.RestoreVolumeRecurringJobDefault,
		UnmapMarkSnapChainRemoved:   longhorn.UnmapMarkSnapChainRemovedIgnored,
		ReplicaSoftAntiAffinity:     longhorn.ReplicaSoftAntiAffinityDefault,
		ReplicaZoneSoftAntiAffinity: longhorn.ReplicaZoneSoftAntiAffinityDefault,
		ReplicaDiskSoftAntiAffinity: longhorn.ReplicaDiskSoftAntiAffinityDefault,
		ReplicaAutoBalance:          longhorn.ReplicaAutoBalanceIgnored,
		SnapshotDataIntegrity:       longhorn.SnapshotDataIntegrityIgnored,
		FreezeFilesystemForSnapshot: longhorn.FreezeFilesystemForSnapshotDefault,
		OfflineRebuilding:           longhorn.VolumeOfflineRebuildingIgnored,
		RevisionCounterDisabled:     true,
	}
}

// snapshotLimit is Longhorn's default of the setting snapshot-max-count.
const snapshotLimit = 250

// SnapshotLimit returns how many snapshots the volume may have (C-27).
func SnapshotLimit(volume *longhorn.Volume) int {
	return cmp.Or(volume.Spec.SnapshotMaxCount, snapshotLimit)
}

// Incomplete reports whether the data that the volume is made from are not all there yet.
func Incomplete(volume *longhorn.Volume) bool { return Cloning(volume) || Restoring(volume) }

// Restoring reports whether the volume still waits for the data of its backup.
func Restoring(volume *longhorn.Volume) bool {
	return volume.Spec.FromBackup != "" && (!volume.Status.RestoreInitiated || volume.Status.RestoreRequired)
}

// Cloning reports whether the volume still waits for the data of its source.
func Cloning(volume *longhorn.Volume) bool {
	return volume.Spec.DataSource != "" && volume.Status.CloneStatus.State != longhorn.VolumeCloneStateCompleted
}
