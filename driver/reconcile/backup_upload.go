package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

// advance brings a backup that is not final a step further and notes that in its status.
func (r *backups) advance(ctx context.Context, object *longhorn.Backup) error {
	key := jobKey{client.ObjectKeyFromObject(object), uploading}
	if result, err, ended := r.jobs.outcome(key); ended {
		return r.finish(ctx, object, result, err)
	}
	if running := r.jobs.look(key); running != nil {
		object.Status.State = longhorn.BackupStateInProgress
		object.Status.Progress = running.percent()
		return nil
	}
	snapshot, volume, err := r.origin(ctx, object)
	switch {
	case missing(err):
		r.fail(object, fmt.Errorf("snapshot %s or its volume is not found: it must exist when the backup begins", object.Spec.SnapshotName))
		return nil
	case err != nil:
		return err
	case !snapshot.Status.ReadyToUse && snapshot.Status.Error != "":
		r.fail(object, fmt.Errorf("snapshot %s cannot be backed up: %s", snapshot.Name, snapshot.Status.Error))
		return nil
	case !snapshot.Status.ReadyToUse:
		object.Status.State = longhorn.BackupStatePending
		return nil // the snapshot's readiness wakes this backup again
	}
	return r.start(ctx, key, object, snapshot, volume)
}

// start notes what is known before the upload (C-3B) and begins that.
func (r *backups) start(ctx context.Context, key jobKey, object *longhorn.Backup, snapshot *longhorn.Snapshot, volume *longhorn.Volume) error {
	before := object.DeepCopy()
	info, err := r.Engine.Snapshot(volume.Name, snapshot.Name)
	if err != nil {
		r.fail(object, err)
		return nil
	}
	object.Status.State = longhorn.BackupStatePending
	object.Status.SnapshotName = snapshot.Name
	object.Status.SnapshotCreatedAt = snapshot.Status.CreationTime
	object.Status.VolumeName = volume.Name
	object.Status.VolumeSize = strconv.FormatInt(info.SizeBytes, 10)
	object.Status.VolumeCreated = volume.CreationTimestamp.UTC().Format("2006-01-02T15:04:05Z")
	object.Status.CompressionMethod = volume.Spec.BackupCompressionMethod
	object.Status.BackupTargetName = api.BackupTargetOf(volume)
	object.Status.Labels = object.Spec.Labels
	object.Status.OwnerID = r.Node
	target, err := r.store(ctx, object.Status.BackupTargetName)
	if err != nil {
		r.fail(object, err)
		return nil
	}
	// Known to be under way before it is: else a killed driver would leave an upload that nobody knows of.
	object.Status.State = longhorn.BackupStateInProgress
	if err := r.patchStatus(ctx, before, object); err != nil {
		return err
	}
	if err := r.ensureVolume(ctx, volume.Name, object.Status.BackupTargetName); err != nil {
		return err
	}
	*before = *object.DeepCopy()
	request := r.request(ctx, object, info.SizeBytes, target)
	r.jobs.begin(key, lane(target.url, volume.Name), func(ctx context.Context, progress func(int)) (backup.Result, error) {
		return r.Backups.Run(ctx, request, target.credentials, progress)
	})
	return nil
}

// lane is one for all work on a volume in a store: uploads and deletions would
// refuse each other's locks, and blocks are only collected while nothing is uploaded.
func lane(target, volume string) string { return target + " " + volume }

// request says what the upload is to do.
func (r *backups) request(ctx context.Context, object *longhorn.Backup, size int64, target store) backup.Request {
	return backup.Request{
		Operation: backup.Create, Target: target.url,
		Volume: object.Status.VolumeName, Backup: object.Name,
		Source: backup.Source{
			DataDir: r.DataDir, Snapshot: object.Spec.SnapshotName, SnapshotCreatedAt: seconds(object.Status.SnapshotCreatedAt),
			SizeBytes: size, BlockBytes: max(object.Spec.BackupBlockSize, 2<<20), Compression: string(object.Status.CompressionMethod),
			Full: object.Spec.BackupMode == longhorn.BackupModeFull, Labels: object.Spec.Labels,
		},
		Concurrency: r.number(ctx, api.SettingBackupConcurrency, 2),
		Deviations:  r.Deviations.String(),
	}
}

// ensureVolume makes the object that shows what the target has of the volume.
func (r *backups) ensureVolume(ctx context.Context, volume, target string) error {
	err := r.client.Create(ctx, api.NewBackupVolume(r.Namespace, volume, target))
	return ignoreExists(err)
}

// finish notes how an upload has ended.
func (r *backups) finish(ctx context.Context, object *longhorn.Backup, result backup.Result, err error) error {
	key := jobKey{client.ObjectKeyFromObject(object), uploading}
	switch {
	case errors.Is(err, context.Canceled):
		r.jobs.forget(key) // this process ends, or the backup is being deleted
		return nil
	case err != nil:
		r.fail(object, err)
		r.stickQueue(object)
		return nil
	}
	describeBackup(object, result.Backups[0])
	// Again: a look at the store before the upload may have found nothing of the volume and dropped it.
	if err := r.ensureVolume(ctx, object.Status.VolumeName, object.Status.BackupTargetName); err != nil {
		return err
	}
	if err := r.noteLast(ctx, object); err != nil {
		return err
	}
	if r.cleansUp(ctx, api.SettingCleanupAfterBackup, r.Contract.CleansUpAfterBackup()) {
		return r.deleteSnapshot(ctx, object.Spec.SnapshotName)
	}
	return nil
}

// describeBackup fills the status with what the store says of a finished backup.
func describeBackup(object *longhorn.Backup, info backup.Info) {
	status := &object.Status
	status.State, status.Progress, status.Error = longhorn.BackupStateCompleted, 100, ""
	status.URL = info.URL
	status.Size = strconv.FormatInt(info.SizeBytes, 10)
	status.BackupCreatedAt = info.CreatedAt
	status.NewlyUploadedDataSize = strconv.FormatInt(info.NewBytes, 10)
	status.ReUploadedDataSize = strconv.FormatInt(info.AgainBytes, 10)
	status.LastSyncedAt = metav1.Now()
}

// noteLast tells volume and backup volume which backup is their last.
func (r *backups) noteLast(ctx context.Context, object *longhorn.Backup) error {
	volume := &longhorn.Volume{}
	err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: object.Status.VolumeName}, volume)
	if err == nil {
		before := volume.DeepCopy()
		volume.Status.LastBackup, volume.Status.LastBackupAt = object.Name, object.Status.SnapshotCreatedAt
		err = r.patchStatus(ctx, before, volume)
	}
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	inStore := &longhorn.BackupVolume{}
	name := api.BackupVolumeName(object.Status.VolumeName, object.Status.BackupTargetName)
	if err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: name}, inStore); err != nil {
		return client.IgnoreNotFound(err)
	}
	before := inStore.DeepCopy()
	inStore.Status.Size = object.Status.VolumeSize
	inStore.Status.LastBackupName, inStore.Status.LastBackupAt = object.Name, object.Status.SnapshotCreatedAt
	inStore.Status.OwnerID = r.Node
	return r.patchStatus(ctx, before, inStore)
}

// stickQueue is the planted defect of a queue that nobody frees after a failure.
func (r *backups) stickQueue(object *longhorn.Backup) {
	target, err := r.store(context.Background(), object.Status.BackupTargetName) // of a planted defect, whose caller has ended
	if err != nil || !r.Deviations.Has(deviation.BackupQueueStuck) {
		return
	}
	key := jobKey{client.ObjectKeyFromObject(object), "stuck"}
	r.jobs.begin(key, lane(target.url, object.Status.VolumeName), func(ctx context.Context, _ func(int)) (backup.Result, error) {
		<-ctx.Done()
		return backup.Result{}, ctx.Err()
	})
}
