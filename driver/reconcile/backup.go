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
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
)

const (
	backupWorkers = 8
	// backupRetryInterval is the longest time until what failed is tried again,
	// as a deletion from a store that is away.
	backupRetryInterval = 30 * time.Second
	// backupsOfSnapshot indexes Backups by the Snapshot that they are of.
	backupsOfSnapshot = "spec.snapshotName"
)

// What a job does for a Backup or BackupVolume.
const (
	uploading = "upload"
	removing  = "remove"
)

// backups reconciles the Backups of volumes on this node, and on the leading
// node those of nobody: it uploads, removes and lets old failures go.
type backups struct {
	node
	jobs *jobs[backup.Result]
}

func (r *backups) setUp(ctx context.Context, mgr ctrl.Manager) error {
	err := mgr.GetFieldIndexer().IndexField(ctx, &longhorn.Backup{}, backupsOfSnapshot, func(object client.Object) []string {
		return []string{object.(*longhorn.Backup).Spec.SnapshotName}
	})
	if err != nil {
		return fmt.Errorf("index backups by snapshot: %w", err)
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("backup").
		For(&longhorn.Backup{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&longhorn.Snapshot{}, handler.EnqueueRequestsFromMapFunc(r.ofSnapshot)).
		WatchesRawSource(source.Channel(r.jobs.wake, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: backupWorkers,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, backupRetryInterval),
		}).
		Complete(r)
}

// ofSnapshot maps a snapshot to the backups that may wait for it.
func (r *backups) ofSnapshot(ctx context.Context, snapshot client.Object) []reconcile.Request {
	var list longhorn.BackupList
	if err := r.client.List(ctx, &list, client.MatchingFields{backupsOfSnapshot: snapshot.GetName()}); err != nil {
		r.Log.Warn("backups are not told of a change of their snapshot", "snapshot", snapshot.GetName(), "error", err)
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return requests
}

// Reconcile brings one backup a step further.
func (r *backups) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	object := &longhorn.Backup{}
	if err := r.client.Get(ctx, request.NamespacedName, object); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if err := r.adopt(ctx, object); err != nil {
		return reconcile.Result{}, fmt.Errorf("backup %s: %w", object.Name, err)
	}
	if mine, err := r.keeps(ctx, api.DataNode(object)); err != nil || !mine {
		return reconcile.Result{}, err
	}
	if !object.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, r.remove(ctx, object)
	}
	if api.BackupFinal(object) {
		r.jobs.forget(jobKey{request.NamespacedName, uploading})
		return r.expire(ctx, object)
	}
	if object.Spec.SnapshotName == "" {
		return reconcile.Result{}, nil // found in the store, whose sync fills its status
	}
	before := object.DeepCopy()
	err := r.advance(ctx, object)
	if err := errors.Join(err, r.patchStatus(ctx, before, object)); err != nil {
		return reconcile.Result{}, fmt.Errorf("backup %s: %w", object.Name, err)
	}
	return reconcile.Result{}, nil
}

// adopt gives a Backup made by hand what the CSI controller gives its own.
func (r *backups) adopt(ctx context.Context, object *longhorn.Backup) error {
	if object.Spec.SnapshotName == "" || !object.DeletionTimestamp.IsZero() || controllerutil.ContainsFinalizer(object, api.Finalizer) && api.DataNode(object) != "" {
		return nil
	}
	_, volume, err := r.origin(ctx, object)
	if err != nil || api.DataNode(volume) != r.Node {
		return client.IgnoreNotFound(err)
	}
	before := object.DeepCopy()
	controllerutil.AddFinalizer(object, api.Finalizer)
	like := api.NewBackup(volume, object.Name, object.Spec.SnapshotName, object.Spec.BackupMode, nil)
	if object.Labels == nil {
		object.Labels = map[string]string{}
	}
	for key, value := range like.Labels {
		object.Labels[key] = value
	}
	return r.client.Patch(ctx, object, client.MergeFrom(before))
}

// origin reads the snapshot and the volume that a backup is of.
func (r *backups) origin(ctx context.Context, object *longhorn.Backup) (*longhorn.Snapshot, *longhorn.Volume, error) {
	snapshot, volume := &longhorn.Snapshot{}, &longhorn.Volume{}
	if err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: object.Spec.SnapshotName}, snapshot); err != nil {
		return snapshot, volume, err
	}
	return snapshot, volume, r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: snapshot.Spec.Volume}, volume)
}

// expire deletes a failed backup some time after its failure (setting failed-backup-ttl).
func (r *backups) expire(ctx context.Context, object *longhorn.Backup) (reconcile.Result, error) {
	minutes := r.number(ctx, api.SettingFailedBackupTTL, 0)
	if object.Status.State != longhorn.BackupStateError || minutes == 0 {
		return reconcile.Result{}, nil
	}
	left := time.Until(object.CreationTimestamp.Add(time.Duration(minutes) * time.Minute))
	if left > 0 {
		return reconcile.Result{RequeueAfter: left}, nil
	}
	r.Log.Info("a failed backup is deleted because of its age", "backup", object.Name, "minutes", minutes)
	return reconcile.Result{}, client.IgnoreNotFound(r.client.Delete(ctx, object))
}

// fail ends a backup for good: only a new one helps (contract 2.3 step 2).
func (r *backups) fail(object *longhorn.Backup, err error) {
	r.Log.Warn("a backup failed", "backup", object.Name, "error", err)
	object.Status.State = longhorn.BackupStateError
	object.Status.Error = err.Error()
}

// missing reports whether the error says that an object does not exist.
func missing(err error) bool { return apierrors.IsNotFound(err) }
