package longhorn

import (
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// NewVolume returns a Volume of that size in bytes as somebody writes it who makes volumes
// without CSI. Most of its enumerations have no empty value, so that each says its neutral one.
func NewVolume(name string, size int64) *longhornv1beta2.Volume {
	volume := VolumeNamed(name)
	volume.Spec = longhornv1beta2.VolumeSpec{
		Size: size, NumberOfReplicas: 1, StaleReplicaTimeout: 2880,
		Frontend: longhornv1beta2.VolumeFrontendBlockDev, AccessMode: longhornv1beta2.AccessModeReadWriteOnce,
		DataEngine: longhornv1beta2.DataEngineTypeV1, DataLocality: longhornv1beta2.DataLocalityDisabled,
		BackupCompressionMethod: longhornv1beta2.BackupCompressionMethodLz4, BackupBlockSize: 2 << 20, BackupTargetName: DefaultTarget,
		RestoreVolumeRecurringJob: longhornv1beta2.RestoreVolumeRecurringJobDefault,
		UnmapMarkSnapChainRemoved: longhornv1beta2.UnmapMarkSnapChainRemovedIgnored,
		ReplicaSoftAntiAffinity:   longhornv1beta2.ReplicaSoftAntiAffinityDefault, ReplicaZoneSoftAntiAffinity: longhornv1beta2.ReplicaZoneSoftAntiAffinityDefault,
		ReplicaDiskSoftAntiAffinity: longhornv1beta2.ReplicaDiskSoftAntiAffinityDefault, ReplicaAutoBalance: longhornv1beta2.ReplicaAutoBalanceIgnored,
		SnapshotDataIntegrity:       longhornv1beta2.SnapshotDataIntegrityIgnored,
		FreezeFilesystemForSnapshot: longhornv1beta2.FreezeFilesystemForSnapshotDefault,
		OfflineRebuilding:           longhornv1beta2.VolumeOfflineRebuildingIgnored, RevisionCounterDisabled: true,
	}
	return volume
}
