package harness

import (
	"context"
	"errors"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// CreateVolume makes a Longhorn Volume without CSI, as the user interface does, changed as the spec
// wants it, and returns at once. It is deleted when the spec has ended.
func (e *Env) CreateVolume(ctx context.Context, suffix string, mib int64, change func(*longhornv1beta2.VolumeSpec)) (*longhornv1beta2.Volume, error) {
	volume := longhorn.NewVolume(uniqueName(suffix), mib<<20)
	change(&volume.Spec)
	e.OnCleanup(func(ctx context.Context) error {
		return deleteAndWait(ctx, e.Cluster, longhorn.VolumeNamed(volume.Name), timeouts.VolumeDeleted)
	})
	if err := e.Client.Create(ctx, volume); err != nil {
		return nil, fmt.Errorf("create Longhorn Volume %s: %w", volume.Name, err)
	}
	return volume, nil
}

// WaitVolume waits until the condition holds for a Longhorn Volume; it also says in words what it saw.
func (e *Env) WaitVolume(ctx context.Context, name, what string, held func(*longhornv1beta2.Volume) (bool, string)) (*longhornv1beta2.Volume, error) {
	return Until(ctx, e.Cluster, longhorn.VolumeNamed(name), timeouts.VolumeRestored, what,
		func(volume *longhornv1beta2.Volume) (bool, string, error) {
			ok, seen := held(volume)
			return ok, seen, nil
		})
}

// ClaimVolume binds a claim to a Longhorn Volume that was made without CSI and waits until it is Bound.
// The volume outlives claim and PersistentVolume.
func (e *Env) ClaimVolume(ctx context.Context, name string, volume *longhornv1beta2.Volume) (*corev1.PersistentVolumeClaim, error) {
	size := corev1.ResourceList{corev1.ResourceStorage: Size(volume.Spec.Size >> 20)}
	modes := []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	persistent := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: volume.Name, Labels: map[string]string{specLabel: e.Namespace}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity: size, AccessModes: modes, PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			ClaimRef: &corev1.ObjectReference{Namespace: e.Namespace, Name: name},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
				Driver: e.Config.Driver, VolumeHandle: volume.Name, FSType: "ext4",
			}},
		},
	}
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: modes, StorageClassName: ptr.To(""), VolumeName: volume.Name,
			Resources: corev1.VolumeResourceRequirements{Requests: size},
		},
	}
	e.OnCleanup(func(ctx context.Context) error { return e.unclaim(ctx, claim, persistent) })
	for _, object := range []client.Object{persistent, claim} {
		if err := e.Client.Create(ctx, object); err != nil {
			return nil, fmt.Errorf("create %s: %w", e.describe(object), err)
		}
	}
	return e.waitBound(ctx, claim)
}

// unclaim removes a claim that ClaimVolume made, with the pods and snapshots that hold it, and its PersistentVolume.
func (e *Env) unclaim(ctx context.Context, claim *corev1.PersistentVolumeClaim, persistent *corev1.PersistentVolume) error {
	if err := e.removePods(ctx, leak.Made{PersistentVolumes: []string{persistent.Name}}); err != nil {
		return err
	}
	var snapshots snapshotv1.VolumeSnapshotList
	if err := e.Client.List(ctx, &snapshots, client.InNamespace(e.Namespace)); err != nil {
		return fmt.Errorf("list the VolumeSnapshots of claim %s: %w", claim.Name, err)
	}
	var failures []error
	for i := range snapshots.Items {
		if ptr.Deref(snapshots.Items[i].Spec.Source.PersistentVolumeClaimName, "") == claim.Name {
			failures = append(failures, deleteAndWait(ctx, e.Cluster, &snapshots.Items[i], timeouts.SnapshotDeleted))
		}
	}
	return errors.Join(append(failures,
		deleteAndWait(ctx, e.Cluster, claim.DeepCopy(), timeouts.VolumeDeleted),
		deleteAndWait(ctx, e.Cluster, persistent.DeepCopy(), timeouts.VolumeDeleted))...)
}
