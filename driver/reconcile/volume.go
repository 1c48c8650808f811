package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/engine"
)

const (
	volumeWorkers = 8
	// usageInterval is how often actualSize of an attached volume is read anew.
	usageInterval = 30 * time.Second
)

// volumes reconciles the Volumes whose data are on this node.
type volumes struct {
	node
	restores *jobs[struct{}]
}

func (r *volumes) setUp(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("volume").
		// What this reconciler writes itself, status, must not wake it again.
		For(&longhorn.Volume{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{}))).
		Watches(&longhorn.Snapshot{}, handler.EnqueueRequestsFromMapFunc(r.waitingClone)).
		Watches(&longhorn.BackingImage{}, handler.EnqueueRequestsFromMapFunc(r.waitingForImage)).
		WatchesRawSource(source.Channel(r.restores.wake, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: volumeWorkers}).
		Complete(r)
}

// waitingClone maps a snapshot made for a clone to the volume that waits for it.
func (r *volumes) waitingClone(_ context.Context, object client.Object) []reconcile.Request {
	target := object.(*longhorn.Snapshot).Spec.Labels[api.ForCloningLabel]
	if target == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: target}}}
}

// Reconcile brings one volume's data to what its spec says.
func (r *volumes) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	volume := &longhorn.Volume{}
	if err := r.client.Get(ctx, request.NamespacedName, volume); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if home, err := r.home(ctx, volume); err != nil || home != r.Node {
		return reconcile.Result{}, err
	}
	if !volume.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, r.remove(ctx, volume)
	}
	if err := r.adopt(ctx, volume); err != nil {
		return reconcile.Result{}, err
	}
	before := volume.DeepCopy()
	volume.Status.IsStandby = volume.Spec.Standby
	present, err := r.provide(ctx, volume)
	if err == nil && present {
		err = errors.Join(r.expand(ctx, volume), r.place(ctx, volume))
	}
	if err := errors.Join(err, r.patchStatus(ctx, before, volume)); err != nil {
		return reconcile.Result{}, fmt.Errorf("volume %s: %w", volume.Name, err)
	}
	if volume.Status.State == longhorn.VolumeStateAttached {
		return reconcile.Result{RequeueAfter: usageInterval}, nil
	}
	return reconcile.Result{}, nil
}

// expand lets the file grow to the size in the spec and reports its size.
func (r *volumes) expand(ctx context.Context, volume *longhorn.Volume) error {
	if err := r.Engine.ExpandVolume(ctx, volume.Name, volume.Spec.Size); err != nil {
		volume.Status.ExpansionRequired = true
		return err
	}
	info, err := r.Engine.Volume(volume.Name)
	if err != nil {
		return err
	}
	volume.Status.ExpansionRequired = false
	volume.Status.ActualSize = info.AllocatedBytes
	api.SetProvisionedBytes(volume, info.SizeBytes)
	return nil
}

// place attaches the volume when this node is asked for, else detaches it.
func (r *volumes) place(ctx context.Context, volume *longhorn.Volume) error {
	if volume.Spec.NodeID == r.Node && !api.Incomplete(volume) {
		if _, err := r.Engine.Attach(ctx, volume.Name); err != nil {
			return err
		}
		volume.Status.State = longhorn.VolumeStateAttached
		volume.Status.CurrentNodeID = r.Node
		volume.Status.Robustness = longhorn.VolumeRobustnessHealthy
		return nil
	}
	if err := r.Engine.Detach(ctx, volume.Name); err != nil {
		volume.Status.State = longhorn.VolumeStateDetaching
		return err
	}
	volume.Status.State = longhorn.VolumeStateDetached
	volume.Status.CurrentNodeID = ""
	volume.Status.Robustness = longhorn.VolumeRobustnessUnknown
	return nil
}

// remove deletes the volume's files and Snapshots, then lets the object go.
func (r *volumes) remove(ctx context.Context, volume *longhorn.Volume) error {
	if !controllerutil.ContainsFinalizer(volume, api.Finalizer) {
		return nil
	}
	r.restores.stop(jobKey{client.ObjectKeyFromObject(volume), restoring})
	if err := errors.Join(r.deleteBackupsToo(ctx, volume.Name), r.deleteImagesToo(ctx, volume.Name)); err != nil {
		return err
	}
	if err := r.Engine.DeleteVolume(ctx, volume.Name); err != nil && !errors.Is(err, engine.ErrNotFound) {
		return fmt.Errorf("delete volume %s: %w", volume.Name, err)
	}
	// The garbage collector would do this too, some time later (D-27).
	owned, err := r.snapshotsOf(ctx, volume.Name)
	if err != nil {
		return err
	}
	for i := range owned {
		if err := client.IgnoreNotFound(r.client.Delete(ctx, &owned[i])); err != nil {
			return fmt.Errorf("delete snapshot %s of the deleted volume %s: %w", owned[i].Name, volume.Name, err)
		}
	}
	return r.letGo(ctx, volume)
}
