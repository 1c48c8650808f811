package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// snapshotWorkers lets ten cuts of one volume wait for each other in the engine only.
const snapshotWorkers = 16

// retryInterval is the longest time until a snapshot that failed is tried again:
// what stood in its way may be gone, and somebody waits for it.
const retryInterval = 5 * time.Second

// snapshots reconciles the Snapshots of the volumes on this node.
type snapshots struct{ node }

func (r *snapshots) setUp(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("snapshot").
		For(&longhorn.Snapshot{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&longhorn.Volume{}, handler.EnqueueRequestsFromMapFunc(r.ofVolume), builder.WithPredicates(volumeMatters)).
		Watches(&longhorn.Setting{}, handler.EnqueueRequestsFromMapFunc(r.waitingForPurge)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: snapshotWorkers,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](5*time.Millisecond, retryInterval),
		}).
		Complete(r)
}

// volumeMatters lets those changes of a volume through that a snapshot shows or waits for.
var volumeMatters = predicate.Funcs{UpdateFunc: func(change event.UpdateEvent) bool {
	before, after := change.ObjectOld.(*longhorn.Volume), change.ObjectNew.(*longhorn.Volume)
	return api.ProvisionedBytes(before) != api.ProvisionedBytes(after) || api.Incomplete(before) != api.Incomplete(after)
}}

func (r *snapshots) ofVolume(ctx context.Context, volume client.Object) []reconcile.Request {
	list, err := r.snapshotsOf(ctx, volume.GetName())
	if err != nil {
		r.Log.Warn("snapshots are not told of a change of their volume", "volume", volume.GetName(), "error", err)
		return nil
	}
	requests := make([]reconcile.Request, len(list))
	for i := range list {
		requests[i].NamespacedName = client.ObjectKeyFromObject(&list[i])
	}
	return requests
}

// Reconcile cuts or deletes one snapshot, or renews what its status shows.
func (r *snapshots) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	snapshot := &longhorn.Snapshot{}
	if err := r.client.Get(ctx, request.NamespacedName, snapshot); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	volume := &longhorn.Volume{}
	err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: snapshot.Spec.Volume}, volume)
	if err != nil && !apierrors.IsNotFound(err) {
		return reconcile.Result{}, fmt.Errorf("read volume %s: %w", snapshot.Spec.Volume, err)
	}
	if !r.isMine(snapshot, volume) {
		return reconcile.Result{}, nil
	}
	if !snapshot.DeletionTimestamp.IsZero() {
		if err == nil && volume.DeletionTimestamp.IsZero() && r.keepsDeleted(ctx) {
			return reconcile.Result{}, nil // the setting wakes this snapshot again, and so does the end of its volume
		}
		return reconcile.Result{}, r.remove(ctx, snapshot)
	}
	if err == nil {
		err = r.adopt(ctx, snapshot, volume)
	}
	before := snapshot.DeepCopy()
	if err == nil {
		err = r.cut(ctx, snapshot, volume)
	}
	switch {
	case apierrors.IsNotFound(err): // its owner is gone, so it will be deleted, or not seen here yet and wakes it
		err = nil
	case err != nil:
		snapshot.Status.Error = err.Error()
	}
	if err := errors.Join(err, r.patchStatus(ctx, before, snapshot)); err != nil {
		return reconcile.Result{}, fmt.Errorf("snapshot %s: %w", snapshot.Name, err)
	}
	return reconcile.Result{}, nil
}

// isMine reports whether the snapshot's data are, or are to be, on this node.
func (r *snapshots) isMine(snapshot *longhorn.Snapshot, volume *longhorn.Volume) bool {
	if node := api.DataNode(snapshot); node != "" {
		return node == r.Node
	}
	return api.DataNode(volume) == r.Node
}

// adopt gives a Snapshot made by hand what the CSI controller gives its own:
// finalizer, labels and owner.
func (r *snapshots) adopt(ctx context.Context, snapshot *longhorn.Snapshot, volume *longhorn.Volume) error {
	if controllerutil.ContainsFinalizer(snapshot, api.Finalizer) {
		return nil
	}
	before := snapshot.DeepCopy()
	like := api.NewSnapshot(volume, snapshot.Name, nil)
	snapshot.Finalizers, snapshot.OwnerReferences = like.Finalizers, like.OwnerReferences
	if snapshot.Labels == nil {
		snapshot.Labels = map[string]string{}
	}
	for key, value := range like.Labels {
		snapshot.Labels[key] = value
	}
	return r.client.Patch(ctx, snapshot, client.MergeFrom(before))
}

// cut takes the snapshot once and fills its status. The size to restore to
// follows the volume's present size (contract 2.2).
func (r *snapshots) cut(ctx context.Context, snapshot *longhorn.Snapshot, volume *longhorn.Volume) error {
	if api.Incomplete(volume) || api.ProvisionedBytes(volume) == 0 {
		return nil // the end of the copy, or of the creation, wakes this snapshot again (C-25)
	}
	info, err := r.take(ctx, snapshot, r.limit(volume))
	if err != nil {
		snapshot.Status.ReadyToUse = false
		return err
	}
	if !wasCut(snapshot) {
		snapshot.Status.Size = r.allocated(ctx, snapshot)
	}
	present, err := r.Engine.Volume(volume.Name)
	if err != nil {
		return err
	}
	snapshot.Status.RestoreSize = present.SizeBytes
	if r.Deviations.Has(deviation.RestoreSizeUsedBytes) {
		snapshot.Status.RestoreSize = snapshot.Status.Size
	}
	snapshot.Status.CreationTime = info.CreatedAt.UTC().Format(time.RFC3339Nano)
	snapshot.Status.Labels = snapshot.Spec.Labels
	snapshot.Status.OwnerID = r.Node
	snapshot.Status.UserCreated = true
	snapshot.Status.ReadyToUse = true
	snapshot.Status.Error = ""
	return nil
}

// wasCut reports whether the snapshot was ready at some time, even if it is not now.
func wasCut(snapshot *longhorn.Snapshot) bool { return snapshot.Status.CreationTime != "" }

// take cuts the data, or finds them when they were cut before. A snapshot that
// was cut and is lost is never cut again: it would show later data. The limit is
// how many snapshots the volume may have.
func (r *snapshots) take(ctx context.Context, snapshot *longhorn.Snapshot, limit int) (engine.SnapshotInfo, error) {
	if wasCut(snapshot) || !snapshot.Spec.CreateSnapshot {
		return r.Engine.Snapshot(snapshot.Spec.Volume, snapshot.Name)
	}
	return r.Engine.CreateSnapshotWithin(ctx, snapshot.Spec.Volume, snapshot.Name, limit)
}

// allocated is how many bytes the snapshot holds, 0 when that cannot be told:
// it is for people to look at and must not hold back the snapshot.
func (r *snapshots) allocated(ctx context.Context, snapshot *longhorn.Snapshot) int64 {
	extents, err := r.Engine.Delta(ctx, snapshot.Spec.Volume, "", snapshot.Name)
	if err != nil {
		r.Log.Warn("the allocated size of a snapshot is unknown", "snapshot", snapshot.Name, "error", err)
		return 0
	}
	var sum int64
	for _, extent := range extents {
		sum += extent.Length
	}
	return sum
}

// remove deletes the snapshot's data, the newest one's too (D-21), then lets
// the object go.
func (r *snapshots) remove(ctx context.Context, snapshot *longhorn.Snapshot) error {
	if !controllerutil.ContainsFinalizer(snapshot, api.Finalizer) {
		return nil
	}
	if err := r.Engine.DeleteSnapshot(ctx, snapshot.Spec.Volume, snapshot.Name); err != nil && !errors.Is(err, engine.ErrNotFound) {
		return fmt.Errorf("delete snapshot %s: %w", snapshot.Name, err)
	}
	return r.letGo(ctx, snapshot)
}
