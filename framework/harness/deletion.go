package harness

import (
	"context"
	"fmt"
	"slices"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// ImportToDelete is ImportHandle with deletion policy Delete: deleting the VolumeSnapshot asks the driver to delete
// what the handle names.
func (e *Env) ImportToDelete(ctx context.Context, name, handle string, mode corev1.PersistentVolumeMode) (*snapshotv1.VolumeSnapshot, error) {
	snapshot, err := e.ImportHandle(ctx, name, handle, mode)
	if err != nil {
		return nil, err
	}
	content, err := e.ContentOf(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	before := client.MergeFrom(content.DeepCopy())
	content.Spec.DeletionPolicy = snapshotv1.VolumeSnapshotContentDelete
	if err := e.Client.Patch(ctx, content, before); err != nil {
		return nil, fmt.Errorf("give content %s the deletion policy Delete: %w", content.Name, err)
	}
	return snapshot, e.waitProtected(ctx, snapshot)
}

// boundProtection is the finalizer for the sake of which the snapshot-controller deletes the content too.
const boundProtection = "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection"

// waitProtected waits for the finalizer, which the snapshot-controller adds a moment after it has said
// "ready": a VolumeSnapshot that is deleted in between goes at once, and its content stays for ever.
func (e *Env) waitProtected(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) error {
	_, err := Until(ctx, e.Cluster, snapshot.DeepCopy(), timeouts.SnapshotReady, "be protected by the snapshot-controller",
		func(snapshot *snapshotv1.VolumeSnapshot) (bool, string, error) {
			return slices.Contains(snapshot.Finalizers, boundProtection), fmt.Sprintf("finalizers %q", snapshot.Finalizers), nil
		})
	return err
}

// DeletionEnd deletes a VolumeSnapshot whose fate the contract leaves open and waits until its content is gone, or
// the driver has refused the deletion: then the text, which the sidecar keeps short, is not empty.
func (e *Env) DeletionEnd(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (refusal string, err error) {
	content, err := e.ContentOf(ctx, snapshot)
	if err != nil {
		return "", err
	}
	if err := e.Client.Delete(ctx, snapshot.DeepCopy()); err != nil {
		return "", fmt.Errorf("delete VolumeSnapshot %s: %w", snapshot.Name, err)
	}
	budget := timeouts.SnapshotDeleted
	err = wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		err := e.Client.Get(ctx, client.ObjectKeyFromObject(content), &snapshotv1.VolumeSnapshotContent{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		events, listErr := e.Events(ctx, content)
		for _, event := range events {
			if event.Reason == "SnapshotDeleteError" {
				refusal = event.Message
			}
		}
		if err == nil {
			err = listErr
		}
		return refusal != "", err
	})
	if err != nil {
		return refusal, fmt.Errorf("waited %s (timeouts.%s) for the deletion of VolumeSnapshot %s to end or to be refused: %w; recent events: %s",
			budget.Limit, budget.Name, snapshot.Name, err, e.recentEvents(context.WithoutCancel(ctx), content))
	}
	return refusal, nil
}
