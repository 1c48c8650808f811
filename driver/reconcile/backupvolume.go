package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
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

// backupVolumes reconciles deleted BackupVolumes on the leading node: with one
// goes everything that the store has of the volume.
type backupVolumes struct {
	node
	jobs *jobs[backup.Result]
}

func (r *backupVolumes) setUp(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("backupvolume").
		For(&longhorn.BackupVolume{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&longhorn.Backup{}, handler.EnqueueRequestsFromMapFunc(ofBackup), builder.WithPredicates(onlyDeletions)).
		WatchesRawSource(source.Channel(r.jobs.wake, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{
			RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, backupRetryInterval),
		}).
		Complete(r)
}

// onlyDeletions lets the end of an object through.
var onlyDeletions = predicate.NewPredicateFuncs(func(object client.Object) bool { return object.GetDeletionTimestamp() != nil })

// ofBackup maps a backup to its backup volume.
func ofBackup(_ context.Context, object client.Object) []reconcile.Request {
	labels := object.GetLabels()
	name := api.BackupVolumeName(labels[api.BackupVolumeLabel], labels[api.BackupTargetLabel])
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: name}}}
}

// Reconcile removes one BackupVolume that is being deleted.
func (r *backupVolumes) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	object := &longhorn.BackupVolume{}
	if err := r.client.Get(ctx, request.NamespacedName, object); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if object.DeletionTimestamp.IsZero() || !controllerutil.ContainsFinalizer(object, api.Finalizer) {
		return reconcile.Result{}, nil
	}
	if leads, err := r.leads(ctx); err != nil || !leads {
		return reconcile.Result{}, err
	}
	if object.Labels[api.ForgetLabel] != "" {
		// Its Backups stay: one may have been made since the store was seen without the volume.
		return reconcile.Result{}, r.letGo(ctx, object)
	}
	left, err := r.deleteBackups(ctx, object)
	if err != nil || left > 0 {
		return reconcile.Result{}, err // the end of the last one wakes this one again
	}
	gone, err := r.removeFromStore(ctx, object)
	if err != nil || !gone {
		return reconcile.Result{}, err
	}
	r.jobs.forget(jobKey{request.NamespacedName, removing})
	return reconcile.Result{}, r.letGo(ctx, object)
}

// deleteBackups deletes the Backups of the volume and returns how many there
// still are. What they have in the store goes with the volume, all at once.
func (r *backupVolumes) deleteBackups(ctx context.Context, object *longhorn.BackupVolume) (int, error) {
	var list longhorn.BackupList
	err := r.client.List(ctx, &list, client.MatchingLabels{
		api.BackupVolumeLabel: object.Spec.VolumeName, api.BackupTargetLabel: object.Spec.BackupTargetName,
	})
	if err != nil {
		return 0, fmt.Errorf("list the backups of volume %s: %w", object.Spec.VolumeName, err)
	}
	for i := range list.Items {
		if err := r.forgetObject(ctx, &list.Items[i]); err != nil {
			return 0, err
		}
	}
	return len(list.Items), nil
}

// forgetObject deletes a Backup or BackupVolume and leaves the store alone.
func (n *node) forgetObject(ctx context.Context, object client.Object) error {
	before := object.DeepCopyObject().(client.Object)
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[api.ForgetLabel] = "true"
	object.SetLabels(labels)
	if err := n.client.Patch(ctx, object, client.MergeFrom(before)); err != nil {
		return client.IgnoreNotFound(err)
	}
	if err := client.IgnoreNotFound(n.client.Delete(ctx, object)); err != nil {
		return fmt.Errorf("delete %s: %w", object.GetName(), err)
	}
	return nil
}

// removeFromStore reports whether the store has nothing of the volume any more.
func (r *backupVolumes) removeFromStore(ctx context.Context, object *longhorn.BackupVolume) (bool, error) {
	target, err := r.store(ctx, object.Spec.BackupTargetName)
	if errors.Is(err, errNoStore) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("backup volume %s: %w", object.Name, err)
	}
	key := jobKey{client.ObjectKeyFromObject(object), removing}
	if _, err, ended := r.jobs.outcome(key); ended {
		if err != nil {
			r.jobs.forget(key)
			return false, fmt.Errorf("delete backup volume %s from its store: %w", object.Name, err)
		}
		return true, nil
	}
	request := backup.Request{Operation: backup.DeleteVolume, Target: target.url, Volume: object.Spec.VolumeName}
	r.jobs.begin(key, lane(target.url, object.Spec.VolumeName), func(ctx context.Context, progress func(int)) (backup.Result, error) {
		return r.Backups.Run(ctx, request, target.credentials, progress)
	})
	return false, nil
}
