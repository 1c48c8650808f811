package harness

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// CreateSnapshot creates a VolumeSnapshot of the claim with the given class, SnapClass when empty, and returns at once.
func (e *Env) CreateSnapshot(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim, class string) (*snapshotv1.VolumeSnapshot, error) {
	if class == "" {
		class = SnapClass
	}
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec: snapshotv1.VolumeSnapshotSpec{
			Source:                  snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To(claim.Name)},
			VolumeSnapshotClassName: ptr.To(e.class(class)),
		},
	}
	if err := e.Client.Create(ctx, snapshot); err != nil {
		return nil, fmt.Errorf("create VolumeSnapshot %s of claim %s: %w", name, claim.Name, err)
	}
	return snapshot, nil
}

// Snapshot reads a VolumeSnapshot of the spec's namespace.
func (e *Env) Snapshot(ctx context.Context, name string) (*snapshotv1.VolumeSnapshot, error) {
	snapshot := &snapshotv1.VolumeSnapshot{}
	if err := e.Client.Get(ctx, client.ObjectKey{Namespace: e.Namespace, Name: name}, snapshot); err != nil {
		return nil, fmt.Errorf("read VolumeSnapshot %s: %w", name, err)
	}
	return snapshot, nil
}

// ReadySnapshot creates a VolumeSnapshot of class SnapClass and waits until it is ready to use.
func (e *Env) ReadySnapshot(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*snapshotv1.VolumeSnapshot, error) {
	snapshot, err := e.CreateSnapshot(ctx, name, claim, "")
	if err != nil {
		return nil, err
	}
	return e.WaitReady(ctx, snapshot)
}

// WaitReady waits until the VolumeSnapshot is ready to use and bound to its content.
func (e *Env) WaitReady(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (*snapshotv1.VolumeSnapshot, error) {
	return e.waitReady(ctx, snapshot, timeouts.SnapshotReady)
}

func (e *Env) waitReady(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot, budget timeouts.Budget) (*snapshotv1.VolumeSnapshot, error) {
	return Until(ctx, e.Cluster, snapshot.DeepCopy(), budget, "be readyToUse",
		func(snapshot *snapshotv1.VolumeSnapshot) (bool, string, error) {
			status := snapshot.Status
			if status == nil {
				return false, "no status", nil
			}
			held := ptr.Deref(status.ReadyToUse, false) && ptr.Deref(status.BoundVolumeSnapshotContentName, "") != ""
			return held, fmt.Sprintf("readyToUse %t, error %q", ptr.Deref(status.ReadyToUse, false), errorText(status.Error)), nil
		})
}

// WaitRefused waits until the VolumeSnapshot shows an error that contains all fragments and returns the
// error's text; a snapshot that becomes ready instead is an error.
func (e *Env) WaitRefused(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot, fragments ...string) (string, error) {
	return e.waitRefused(ctx, snapshot, timeouts.SnapshotRefused, fragments...)
}

// WaitSnapshotFailed is WaitRefused for a snapshot that the driver waits for in vain before it says so.
func (e *Env) WaitSnapshotFailed(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot, fragments ...string) (string, error) {
	return e.waitRefused(ctx, snapshot, timeouts.SnapshotFailed, fragments...)
}

func (e *Env) waitRefused(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot, budget timeouts.Budget, fragments ...string) (string, error) {
	var text string
	_, err := Until(ctx, e.Cluster, snapshot.DeepCopy(), budget, fmt.Sprintf("be refused with %q", fragments),
		func(snapshot *snapshotv1.VolumeSnapshot) (bool, string, error) {
			if snapshot.Status == nil {
				return false, "no status", nil
			}
			if ptr.Deref(snapshot.Status.ReadyToUse, false) {
				return false, "readyToUse true", fmt.Errorf("VolumeSnapshot %s became ready although it should have been refused", snapshot.Name)
			}
			text = errorText(snapshot.Status.Error)
			return containsAll(text, fragments), fmt.Sprintf("error %q", text), nil
		})
	return text, err
}

// ContentOf returns the VolumeSnapshotContent that the VolumeSnapshot is bound to.
func (e *Env) ContentOf(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (*snapshotv1.VolumeSnapshotContent, error) {
	if snapshot.Status == nil || snapshot.Status.BoundVolumeSnapshotContentName == nil {
		return nil, fmt.Errorf("VolumeSnapshot %s is not bound to a content", snapshot.Name)
	}
	var content snapshotv1.VolumeSnapshotContent
	if err := e.Client.Get(ctx, client.ObjectKey{Name: *snapshot.Status.BoundVolumeSnapshotContentName}, &content); err != nil {
		return nil, fmt.Errorf("read content of VolumeSnapshot %s: %w", snapshot.Name, err)
	}
	return &content, nil
}

// SnapshotHandleOf returns the CSI snapshot handle of a VolumeSnapshot.
func (e *Env) SnapshotHandleOf(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (string, error) {
	content, err := e.ContentOf(ctx, snapshot)
	if err != nil {
		return "", err
	}
	if content.Status == nil || content.Status.SnapshotHandle == nil {
		return "", fmt.Errorf("VolumeSnapshotContent %s has no snapshotHandle", content.Name)
	}
	return *content.Status.SnapshotHandle, nil
}

// DeleteSnapshot deletes the VolumeSnapshot and waits until it is gone; what becomes of its content is the policy's matter.
func (e *Env) DeleteSnapshot(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) error {
	if err := e.Client.Delete(ctx, snapshot.DeepCopy()); err != nil {
		return fmt.Errorf("delete VolumeSnapshot %s: %w", snapshot.Name, err)
	}
	return UntilGone(ctx, e.Cluster, snapshot.DeepCopy(), timeouts.SnapshotDeleted)
}

func errorText(failure *snapshotv1.VolumeSnapshotError) string {
	if failure == nil {
		return ""
	}
	return ptr.Deref(failure.Message, "")
}
