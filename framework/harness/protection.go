package harness

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// The finalizers by which the snapshot-controller protects what is in use.
const (
	// ClaimIsSource is on a claim while a snapshot of it is being taken.
	ClaimIsSource = "snapshot.storage.kubernetes.io/pvc-as-source-protection"
	// SnapshotIsSource is on a VolumeSnapshot, and stays while a claim is made from it.
	SnapshotIsSource = "snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection"
)

// WaitFinalizer waits until the object has the finalizer.
func (e *Env) WaitFinalizer(ctx context.Context, object client.Object, finalizer string) error {
	ref, err := e.ref(object)
	if err != nil {
		return err
	}
	_, err = kube.Until(ctx, e.Kube, ref, timeouts.SnapshotRefused, "have the finalizer "+finalizer,
		func(now *metav1.PartialObjectMetadata) (bool, string, error) {
			if now == nil {
				return false, "", fmt.Errorf("%s is gone", e.describe(object))
			}
			return slices.Contains(now.Finalizers, finalizer), fmt.Sprintf("finalizers %v", now.Finalizers), nil
		})
	return err
}

// WaitDeletePending waits until the snapshot-controller has said that it does not delete the VolumeSnapshot because a claim is made from it.
func (e *Env) WaitDeletePending(ctx context.Context, snapshot client.Object) error {
	return e.waitWarned(ctx, snapshot, 1, func(event corev1.Event) bool { return event.Reason == "SnapshotDeletePending" })
}

// IsKept returns an error unless the object still exists, its deletion was asked for, and the finalizer holds it.
func (e *Env) IsKept(ctx context.Context, object client.Object, finalizer string) error {
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return fmt.Errorf("read %s, which is in use: %w", e.describe(object), err)
	}
	if object.GetDeletionTimestamp() == nil || !slices.Contains(object.GetFinalizers(), finalizer) {
		return fmt.Errorf("%s: deletion asked for %t, finalizers %v, want it to be held by %s",
			e.describe(object), object.GetDeletionTimestamp() != nil, object.GetFinalizers(), finalizer)
	}
	return nil
}

// Touch changes an annotation, so that controllers look at the object again now and not at their next resync.
func (e *Env) Touch(ctx context.Context, object client.Object) error {
	patch := client.RawPatch(types.MergePatchType, lookAgainAtContent())
	return client.IgnoreNotFound(e.Client.Patch(ctx, object, patch))
}
