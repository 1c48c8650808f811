package reconcile

import (
	"context"
	"errors"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// provide makes the volume's file when it never had one and reports whether it
// is there with all its data.
func (r *volumes) provide(ctx context.Context, volume *longhorn.Volume) (bool, error) {
	source, err := api.ParseSource(volume.Spec.DataSource)
	if err != nil {
		return false, err
	}
	_, err = r.Engine.Volume(volume.Name)
	switch {
	case err == nil:
		// A copy appears under its name only when it is complete.
		if !source.Empty() {
			completed(volume)
		}
		if volume.Spec.FromBackup != "" {
			restored(volume)
		}
	case !errors.Is(err, engine.ErrNotFound):
		return false, err
	case hadData(volume):
		// To make a new, empty file would pass off a lost volume as a good one.
		volume.Status.Robustness = longhorn.VolumeRobustnessFaulted
		return false, fmt.Errorf("its file is missing on node %s: restore the pool, or delete the volume", r.Node)
	case volume.Spec.FromBackup != "":
		ready, err := r.restore(ctx, volume)
		if err != nil || !ready {
			return false, err
		}
	case volume.Spec.BackingImage != "":
		ready, err := r.beginWith(ctx, volume)
		if err != nil || !ready {
			return false, err
		}
	case source.Empty():
		if err := r.Engine.CreateVolume(ctx, volume.Name, volume.Spec.Size); err != nil {
			return false, err
		}
	default:
		ready, err := r.copyFrom(ctx, volume, source)
		if err != nil || !ready {
			return false, err
		}
	}
	volume.Status.OwnerID = r.Node
	return true, nil
}

// hadData reports whether the volume's file was complete at some time.
func hadData(volume *longhorn.Volume) bool {
	return api.ProvisionedBytes(volume) > 0
}

// copyFrom fills the volume from its source and reports whether it is done. The
// volume is reported as taken on first: CreateVolume does not wait for data (V-10).
func (r *volumes) copyFrom(ctx context.Context, volume *longhorn.Volume, source api.Source) (bool, error) {
	before := volume.DeepCopy()
	clone := &volume.Status.CloneStatus
	if clone.State == longhorn.VolumeCloneStateFailed && r.Deviations.Has(deviation.CloneNotRetried) {
		return false, nil
	}
	if clone.State == longhorn.VolumeCloneStateEmpty {
		clone.State = longhorn.VolumeCloneStateInitiated
	}
	clone.SourceVolume, clone.Snapshot = source.Volume, source.Snapshot
	if source.Snapshot == "" {
		clone.Snapshot = cloneSnapshotName(volume)
	}
	volume.Status.OwnerID = r.Node
	volume.Status.State = longhorn.VolumeStateDetached
	volume.Status.Robustness = longhorn.VolumeRobustnessUnknown
	setRestore(volume, longhorn.ConditionStatusFalse, "RestoreInProgress", "copying data from "+string(volume.Spec.DataSource))
	if err := r.patchStatus(ctx, before, volume); err != nil {
		return false, err
	}
	if source.Snapshot == "" && r.Deviations.Has(deviation.CloneEmpty) {
		completed(volume)
		return true, failed(volume, r.Engine.CreateVolume(ctx, volume.Name, volume.Spec.Size))
	}
	if source.Snapshot == "" {
		ready, err := r.cutForClone(ctx, volume, source.Volume)
		if err != nil || !ready {
			return false, failed(volume, err)
		}
	}
	from := engine.Source{Volume: source.Volume, Snapshot: clone.Snapshot}
	if err := r.Engine.CloneVolume(ctx, volume.Name, volume.Spec.Size, from); err != nil {
		return false, failed(volume, err)
	}
	completed(volume)
	return true, nil
}

// cutForClone makes the snapshot that a volume is cloned from, which stays on
// the source, and reports whether it is ready.
func (r *volumes) cutForClone(ctx context.Context, target *longhorn.Volume, source string) (bool, error) {
	key := types.NamespacedName{Namespace: r.Namespace, Name: cloneSnapshotName(target)}
	snapshot := &longhorn.Snapshot{}
	switch err := r.client.Get(ctx, key, snapshot); {
	case err == nil:
		return snapshot.Status.ReadyToUse && snapshot.DeletionTimestamp.IsZero(), nil
	case !apierrors.IsNotFound(err):
		return false, err
	}
	volume := &longhorn.Volume{}
	if err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: source}, volume); err != nil {
		return false, fmt.Errorf("read the source of the clone: %w", err)
	}
	snapshot = api.NewSnapshot(volume, key.Name, map[string]string{api.ForCloningLabel: target.Name})
	if err := r.client.Create(ctx, snapshot); err != nil && !apierrors.IsAlreadyExists(err) {
		return false, fmt.Errorf("make the snapshot to clone from: %w", err)
	}
	return false, nil // the snapshot's readiness wakes this volume again
}

// cloneSnapshotName is the same for every attempt, so that a retry cuts no second time.
func cloneSnapshotName(target *longhorn.Volume) string { return "clone-" + target.Name }

func completed(volume *longhorn.Volume) {
	volume.Status.CloneStatus.State = longhorn.VolumeCloneStateCompleted
	setRestore(volume, longhorn.ConditionStatusTrue, "", "")
}

// failed records a failed attempt; the queue's back-off decides on the next.
func failed(volume *longhorn.Volume, err error) error {
	if err != nil {
		volume.Status.CloneStatus.State = longhorn.VolumeCloneStateFailed
		volume.Status.CloneStatus.AttemptCount++
		setRestore(volume, longhorn.ConditionStatusFalse, api.ReasonRestoreFailure, err.Error())
	}
	return err
}

func setRestore(volume *longhorn.Volume, state longhorn.ConditionStatus, reason, message string) {
	volume.Status.Conditions = api.SetCondition(volume.Status.Conditions, longhorn.Condition{
		Type: api.ConditionRestore, Status: state, Reason: reason, Message: message,
	})
}
