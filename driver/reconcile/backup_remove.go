package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

// remove ends the upload if there is one, removes the backup from its store and
// then lets the object go. While the store does not answer it is tried again; a
// target that is not set any more leaves what is in the store (D-28).
func (r *backups) remove(ctx context.Context, object *longhorn.Backup) error {
	if !controllerutil.ContainsFinalizer(object, api.Finalizer) {
		return nil
	}
	name := client.ObjectKeyFromObject(object)
	r.jobs.stop(jobKey{name, uploading})
	gone, err := r.removeFromStore(ctx, object)
	if err != nil || !gone {
		return err
	}
	if r.removesSnapshot(ctx, object) {
		if err := r.deleteSnapshot(ctx, object.Spec.SnapshotName); err != nil {
			return err
		}
	}
	r.jobs.forget(jobKey{name, removing})
	return r.letGo(ctx, object)
}

// removeFromStore reports whether the store has nothing of the backup any more.
func (r *backups) removeFromStore(ctx context.Context, object *longhorn.Backup) (bool, error) {
	if object.Labels[api.ForgetLabel] != "" || object.Status.BackupTargetName == "" {
		return true, nil
	}
	target, err := r.store(ctx, object.Status.BackupTargetName)
	if errors.Is(err, errNoStore) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if address, err := api.ParseBackupURL(object.Status.URL); err == nil {
		target.url = address.Target // the target may point elsewhere by now
	}
	key := jobKey{client.ObjectKeyFromObject(object), removing}
	if _, err, ended := r.jobs.outcome(key); ended {
		if err != nil {
			r.jobs.forget(key)
			return false, fmt.Errorf("delete it from its store: %w", err)
		}
		return true, nil
	}
	before := object.DeepCopy()
	object.Status.State = longhorn.BackupStateDeleting
	if err := r.patchStatus(ctx, before, object); err != nil {
		return false, err
	}
	request := backup.Request{
		Operation: backup.Delete, Target: target.url, Volume: object.Status.VolumeName, Backup: object.Name, Deviations: r.Deviations.String(),
	}
	r.jobs.begin(key, lane(target.url, object.Status.VolumeName), func(ctx context.Context, progress func(int)) (backup.Result, error) {
		return r.Backups.Run(ctx, request, target.credentials, progress)
	})
	return false, nil
}

// removesSnapshot reports whether the snapshot of a deleted backup is to go too (C-38).
func (r *backups) removesSnapshot(ctx context.Context, object *longhorn.Backup) bool {
	if object.Spec.SnapshotName == "" || object.Labels[api.ForgetLabel] != "" {
		return false
	}
	return r.Deviations.Has(deviation.BackupDeletesSnapshot) || r.cleansUp(ctx, api.SettingCleanupOnDelete, r.Contract.CleansUpOnDelete())
}

// cleansUp reports whether a setting for cleaning up snapshots exists and is on.
func (r *backups) cleansUp(ctx context.Context, name api.Setting, exists bool) bool {
	if !exists || r.Deviations.Has(deviation.BackupCleanupIgnored) {
		return false
	}
	value, err := r.setting(ctx, name)
	if err != nil {
		r.Log.Warn("a setting could not be read and counts as off", "setting", name, "error", err)
	}
	return value == "true"
}

func (r *backups) deleteSnapshot(ctx context.Context, name string) error {
	snapshot := &longhorn.Snapshot{ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: name}}
	if err := client.IgnoreNotFound(r.client.Delete(ctx, snapshot)); err != nil {
		return fmt.Errorf("delete snapshot %s of the backup: %w", name, err)
	}
	return nil
}

// letGo removes the finalizer.
func (n *node) letGo(ctx context.Context, object client.Object) error {
	before := object.DeepCopyObject().(client.Object)
	controllerutil.RemoveFinalizer(object, api.Finalizer)
	if err := client.IgnoreNotFound(n.client.Patch(ctx, object, client.MergeFrom(before))); err != nil {
		return fmt.Errorf("let %s go: %w", object.GetName(), err)
	}
	return nil
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// seconds cuts a time to whole seconds, the form that Longhorn's backups have.
func seconds(text string) string {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return parsed.UTC().Format(time.RFC3339)
}
