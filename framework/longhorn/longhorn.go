// Package longhorn reads Longhorn's own resources, the second door to a driver
// under test. It changes only what a spec asks it to: snapshots for import by
// handle, and settings. Lists are empty where the cluster has no such resources.
package longhorn

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Namespace is where Longhorn keeps its resources.
const Namespace = "longhorn-system"

// VolumeNamed returns an empty Volume of that name, for reads and waits.
func VolumeNamed(name string) *longhornv1beta2.Volume {
	return &longhornv1beta2.Volume{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// SnapshotNamed returns an empty Snapshot of that name, for reads and waits.
func SnapshotNamed(name string) *longhornv1beta2.Snapshot {
	return &longhornv1beta2.Snapshot{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// Snapshot reads one Snapshot; apierrors.IsNotFound holds for the error when there is none.
func Snapshot(ctx context.Context, c client.Client, name string) (*longhornv1beta2.Snapshot, error) {
	snapshot := SnapshotNamed(name)
	if err := c.Get(ctx, client.ObjectKeyFromObject(snapshot), snapshot); err != nil {
		return nil, fmt.Errorf("read Longhorn Snapshot %s: %w", name, err)
	}
	return snapshot, nil
}

// Volume reads one Volume; apierrors.IsNotFound holds for the error when there is none.
func Volume(ctx context.Context, c client.Client, name string) (*longhornv1beta2.Volume, error) {
	volume := VolumeNamed(name)
	if err := c.Get(ctx, client.ObjectKeyFromObject(volume), volume); err != nil {
		return nil, fmt.Errorf("read Longhorn Volume %s: %w", name, err)
	}
	return volume, nil
}

// Volumes lists every Volume.
func Volumes(ctx context.Context, c client.Client) ([]longhornv1beta2.Volume, error) {
	var list longhornv1beta2.VolumeList
	if err := c.List(ctx, &list, client.InNamespace(Namespace)); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("list Longhorn Volumes: %w", err)
	}
	return list.Items, nil
}

// Snapshots lists every Snapshot.
func Snapshots(ctx context.Context, c client.Client) ([]longhornv1beta2.Snapshot, error) {
	var list longhornv1beta2.SnapshotList
	if err := c.List(ctx, &list, client.InNamespace(Namespace)); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("list Longhorn Snapshots: %w", err)
	}
	return list.Items, nil
}

// SnapshotsOf lists the Snapshots of one volume.
func SnapshotsOf(ctx context.Context, c client.Client, volume string) ([]longhornv1beta2.Snapshot, error) {
	all, err := Snapshots(ctx, c)
	if err != nil {
		return nil, err
	}
	var found []longhornv1beta2.Snapshot
	for _, snapshot := range all {
		if snapshot.Spec.Volume == volume {
			found = append(found, snapshot)
		}
	}
	return found, nil
}

// CreateSnapshot asks for a snapshot of an attached volume the way Longhorn's user interface does, without
// CSI and without a VolumeSnapshot. It returns before the snapshot is ready.
func CreateSnapshot(ctx context.Context, c client.Client, volume, name string) (*longhornv1beta2.Snapshot, error) {
	snapshot := SnapshotNamed(name)
	snapshot.Spec = longhornv1beta2.SnapshotSpec{Volume: volume, CreateSnapshot: true}
	if err := c.Create(ctx, snapshot); err != nil {
		return nil, fmt.Errorf("create Longhorn Snapshot %s of volume %s: %w", name, volume, err)
	}
	return snapshot, nil
}

// Removed reports whether a snapshot that still exists counts as deleted: Longhorn keeps the
// newest one of a volume, marked, until another is taken (clause D-21).
func Removed(snapshot *longhornv1beta2.Snapshot) bool {
	return snapshot.DeletionTimestamp != nil || snapshot.Status.MarkRemoved
}
