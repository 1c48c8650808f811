package harness

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// RestoredClaim creates a claim from a snapshot or another claim and waits until it is Bound and Longhorn has
// copied the data. Bound alone says nothing: Longhorn binds before it copies (clause V-10), and a
// pod that comes too early waits for the attach controller's back-off.
func (e *Env) RestoredClaim(ctx context.Context, want Claim) (*corev1.PersistentVolumeClaim, error) {
	claim, err := e.CreateClaim(ctx, want)
	if err != nil {
		return nil, err
	}
	return e.WaitRestored(ctx, claim)
}

// WaitRestored is the second half of RestoredClaim.
func (e *Env) WaitRestored(ctx context.Context, claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolumeClaim, error) {
	claim, err := e.waitBound(ctx, claim)
	if err != nil || e.lacks != "" { // then nobody says when the copy is done; a pod waits for it
		return claim, err
	}
	handle, err := e.HandleOf(ctx, claim)
	if err != nil {
		return nil, err
	}
	_, err = Until(ctx, e.Cluster, longhorn.VolumeNamed(handle), timeouts.VolumeRestored, "have its data copied",
		func(volume *longhornv1beta2.Volume) (bool, string, error) {
			held, seen := copied(volume)
			if volume.Spec.DataSource == "" && volume.Spec.FromBackup == "" && volume.Spec.BackingImage == "" {
				return false, seen, fmt.Errorf("claim %s is Bound to a volume that is made from nothing", claim.Name)
			}
			return held, seen, nil
		})
	return claim, err
}

// copied reports whether the data that the volume is made from are all there.
func copied(volume *longhornv1beta2.Volume) (held bool, seen string) {
	status := volume.Status
	if volume.Spec.FromBackup != "" {
		seen = fmt.Sprintf("restoreInitiated %t, restoreRequired %t, robustness %q", status.RestoreInitiated, status.RestoreRequired, status.Robustness)
		return status.RestoreInitiated && !status.RestoreRequired, seen
	}
	if volume.Spec.BackingImage != "" {
		return begins(volume)
	}
	seen = fmt.Sprintf("dataSource %q, cloneStatus.state %q", volume.Spec.DataSource, status.CloneStatus.State)
	return status.CloneStatus.State == longhornv1beta2.VolumeCloneStateCompleted, seen
}

// begins reports whether the volume has the backing image that it begins with.
func begins(volume *longhornv1beta2.Volume) (held bool, seen string) {
	for _, condition := range volume.Status.Conditions {
		if condition.Type == longhornv1beta2.VolumeConditionTypeWaitForBackingImage {
			seen = fmt.Sprintf("%s %s: %s", condition.Type, condition.Status, condition.Message)
			return condition.Status == longhornv1beta2.ConditionStatusFalse, seen
		}
	}
	return false, fmt.Sprintf("backingImage %q, no condition about it", volume.Spec.BackingImage)
}

// WaitDetached waits until nothing uses the claim's volume.
func (e *Env) WaitDetached(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if e.lacks != "" {
		return e.waitUnattached(ctx, leak.Made{PersistentVolumes: []string{claim.Spec.VolumeName}})
	}
	handle, err := e.HandleOf(ctx, claim)
	if err != nil {
		return err
	}
	_, err = Until(ctx, e.Cluster, longhorn.VolumeNamed(handle), timeouts.VolumeDetached, "be detached",
		func(volume *longhornv1beta2.Volume) (bool, string, error) {
			state := volume.Status.State
			return state == longhornv1beta2.VolumeStateDetached, "state " + string(state), nil
		})
	return err
}
