package harness

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// ImportHandle makes a pre-provisioned VolumeSnapshotContent for the handle and a VolumeSnapshot bound to it, and
// waits until that is ready. Deletion policy is Retain: an imported snapshot is somebody else's.
func (e *Env) ImportHandle(ctx context.Context, name, handle string, mode corev1.PersistentVolumeMode) (*snapshotv1.VolumeSnapshot, error) {
	content, err := e.createContent(ctx, name, handle, corev1.ObjectReference{Namespace: e.Namespace, Name: name}, ptr.To(mode))
	if err != nil {
		return nil, err
	}
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec: snapshotv1.VolumeSnapshotSpec{
			Source:                  snapshotv1.VolumeSnapshotSource{VolumeSnapshotContentName: ptr.To(content.Name)},
			VolumeSnapshotClassName: ptr.To(e.class(SnapClass)),
		},
	}
	if err := e.Client.Create(ctx, snapshot); err != nil {
		return nil, fmt.Errorf("create VolumeSnapshot %s for the imported content: %w", name, err)
	}
	return e.WaitReady(ctx, snapshot)
}

// CreateContent makes a pre-provisioned VolumeSnapshotContent for the handle that names any VolumeSnapshot, and
// removes it when the spec ends: nobody else may do so, for it need not be bound. Deletion policy is Retain.
func (e *Env) CreateContent(ctx context.Context, name, handle string, ref corev1.ObjectReference) (*snapshotv1.VolumeSnapshotContent, error) {
	content, err := e.createContent(ctx, name, handle, ref, nil)
	if err == nil {
		e.OnCleanup(func(ctx context.Context) error {
			return e.RemoveUnserved(ctx, content)
		})
	}
	return content, err
}

func (e *Env) createContent(ctx context.Context, name, handle string, ref corev1.ObjectReference, mode *corev1.PersistentVolumeMode) (*snapshotv1.VolumeSnapshotContent, error) {
	content := &snapshotv1.VolumeSnapshotContent{
		ObjectMeta: metav1.ObjectMeta{Name: uniqueName(e.Namespace + "-" + name)},
		Spec: snapshotv1.VolumeSnapshotContentSpec{
			VolumeSnapshotRef:       ref,
			DeletionPolicy:          snapshotv1.VolumeSnapshotContentRetain,
			Driver:                  e.Config.Driver,
			VolumeSnapshotClassName: ptr.To(e.class(SnapClass)),
			Source:                  snapshotv1.VolumeSnapshotContentSource{SnapshotHandle: ptr.To(handle)},
			SourceVolumeMode:        mode,
		},
	}
	if err := e.Client.Create(ctx, content); err != nil {
		return nil, fmt.Errorf("create pre-provisioned VolumeSnapshotContent for %q: %w", handle, err)
	}
	return content, nil
}

// CreateSnapClass makes a VolumeSnapshotClass of a type for the length of the spec and returns its unique name.
func (e *Env) CreateSnapClass(ctx context.Context, snapshotType string, policy snapshotv1.DeletionPolicy) (string, error) {
	return e.CreateClass(ctx, policy, map[string]string{"type": snapshotType})
}

// CreateClass makes a VolumeSnapshotClass with these parameters for the length of the spec and returns its unique name.
func (e *Env) CreateClass(ctx context.Context, policy snapshotv1.DeletionPolicy, parameters map[string]string) (string, error) {
	class := &snapshotv1.VolumeSnapshotClass{
		ObjectMeta:     metav1.ObjectMeta{Name: uniqueName(e.Namespace), Labels: map[string]string{specLabel: e.Namespace}},
		Driver:         e.Config.Driver,
		DeletionPolicy: policy,
		Parameters:     parameters,
	}
	if err := e.Client.Create(ctx, class); err != nil {
		return "", fmt.Errorf("create VolumeSnapshotClass with parameters %v: %w", parameters, err)
	}
	return class.Name, nil
}

// WaitPurged waits until the Longhorn Snapshot is gone, or marked for removal as clause D-21 allows.
func (e *Env) WaitPurged(ctx context.Context, name string) error {
	ref, err := e.ref(longhorn.SnapshotNamed(name))
	if err != nil {
		return err
	}
	_, err = kube.Until(ctx, e.Kube, ref, timeouts.SnapshotPurged, "be gone or marked removed",
		func(snapshot *longhornv1beta2.Snapshot) (bool, string, error) {
			if snapshot == nil || longhorn.Removed(snapshot) {
				return true, "gone or marked removed", nil
			}
			return false, "it exists and is not marked removed", nil
		})
	return err
}
