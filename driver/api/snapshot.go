package api

import (
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NewSnapshot returns a Snapshot that asks for a cut of the volume. The volume
// owns it, so that it goes with the volume (D-27).
func NewSnapshot(volume *longhorn.Volume, name string, labels map[string]string) *longhorn.Snapshot {
	return &longhorn.Snapshot{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: volume.Namespace, Finalizers: []string{Finalizer},
			Labels: map[string]string{VolumeLabel: volume.Name, DataNodeLabel: DataNode(volume)},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: longhorn.SchemeGroupVersion.String(), Kind: "Volume", Name: volume.Name, UID: volume.UID,
			}},
		},
		Spec: longhorn.SnapshotSpec{Volume: volume.Name, CreateSnapshot: true, Labels: labels},
	}
}
