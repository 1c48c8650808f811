package harness

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Claim describes a PersistentVolumeClaim that a spec wants.
type Claim struct {
	// Name is unique within the spec.
	Name string
	// MiB is the requested size.
	MiB int64
	// Class is the StorageClass, ClassExt4 when empty.
	Class string
	// Block asks for a raw block device instead of a file system.
	Block bool
	// Mode is how the claim may be used, ReadWriteOnce when empty.
	Mode corev1.PersistentVolumeAccessMode
	// Snapshot is the VolumeSnapshot to restore from, if any.
	Snapshot string
	// Source is the claim to clone, if any.
	Source string
}

// CreateClaim creates the claim and returns at once.
func (e *Env) CreateClaim(ctx context.Context, want Claim) (*corev1.PersistentVolumeClaim, error) {
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: want.Name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{cmp.Or(want.Mode, corev1.ReadWriteOnce)},
			StorageClassName: ptr.To(e.class(want.class())),
			VolumeMode:       ptr.To(want.mode()),
			DataSource:       want.dataSource(),
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: Size(want.MiB)},
			},
		},
	}
	if err := e.Client.Create(ctx, claim); err != nil {
		return nil, fmt.Errorf("create claim %s: %w", want.Name, err)
	}
	return claim, nil
}

// Claim reads a claim of the spec's namespace.
func (e *Env) Claim(ctx context.Context, name string) (*corev1.PersistentVolumeClaim, error) {
	claim := &corev1.PersistentVolumeClaim{}
	if err := e.Client.Get(ctx, client.ObjectKey{Namespace: e.Namespace, Name: name}, claim); err != nil {
		return nil, fmt.Errorf("read claim %s: %w", name, err)
	}
	return claim, nil
}

// BoundClaim creates the claim and waits until it is Bound.
func (e *Env) BoundClaim(ctx context.Context, want Claim) (*corev1.PersistentVolumeClaim, error) {
	claim, err := e.CreateClaim(ctx, want)
	if err != nil {
		return nil, err
	}
	return e.waitBound(ctx, claim)
}

func (e *Env) waitBound(ctx context.Context, claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolumeClaim, error) {
	return Until(ctx, e.Cluster, claim.DeepCopy(), timeouts.ClaimBound, "be Bound",
		func(claim *corev1.PersistentVolumeClaim) (bool, string, error) {
			return claim.Status.Phase == corev1.ClaimBound, "phase " + string(claim.Status.Phase), nil
		})
}

// VolumeOf returns the PersistentVolume behind a bound claim.
func (e *Env) VolumeOf(ctx context.Context, claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolume, error) {
	var volume corev1.PersistentVolume
	if err := e.Client.Get(ctx, client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		return nil, fmt.Errorf("read PersistentVolume %q of claim %s: %w", claim.Spec.VolumeName, claim.Name, err)
	}
	if volume.Spec.CSI == nil {
		return nil, fmt.Errorf("PersistentVolume %s of claim %s is not a CSI volume", volume.Name, claim.Name)
	}
	return &volume, nil
}

// HandleOf returns the CSI volume handle behind a bound claim; it is the name of the Longhorn Volume.
func (e *Env) HandleOf(ctx context.Context, claim *corev1.PersistentVolumeClaim) (string, error) {
	volume, err := e.VolumeOf(ctx, claim)
	if err != nil {
		return "", err
	}
	return volume.Spec.CSI.VolumeHandle, nil
}

// DeleteClaim deletes the claim and waits until claim, PersistentVolume and Longhorn Volume are gone.
func (e *Env) DeleteClaim(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if handle, err := e.HandleOf(ctx, claim); err == nil {
		e.mutex.Lock()
		e.gone = append(e.gone, handle)
		e.mutex.Unlock()
		if err := e.remember(ctx); err != nil {
			return err
		}
	}
	if err := e.Client.Delete(ctx, claim.DeepCopy()); err != nil {
		return fmt.Errorf("delete claim %s: %w", claim.Name, err)
	}
	gone := []client.Object{&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: claim.Name}}}
	if claim.Spec.VolumeName != "" {
		gone = append(gone, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: claim.Spec.VolumeName}},
			longhorn.VolumeNamed(claim.Spec.VolumeName))
	}
	for _, object := range gone {
		if err := UntilGone(ctx, e.Cluster, object, timeouts.VolumeDeleted); err != nil {
			return err
		}
	}
	return nil
}

// Size is a quantity of that many MiB.
func Size(mib int64) resource.Quantity { return *resource.NewQuantity(mib<<20, resource.BinarySI) }

func (w Claim) class() string {
	if w.Class == "" {
		return ClassExt4
	}
	return w.Class
}

func (w Claim) mode() corev1.PersistentVolumeMode {
	if w.Block {
		return corev1.PersistentVolumeBlock
	}
	return corev1.PersistentVolumeFilesystem
}

func (w Claim) dataSource() *corev1.TypedLocalObjectReference {
	switch {
	case w.Snapshot != "":
		return &corev1.TypedLocalObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: w.Snapshot}
	case w.Source != "":
		return &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: w.Source}
	}
	return nil
}
