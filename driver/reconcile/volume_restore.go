package reconcile

import (
	"context"
	"errors"
	"fmt"
	"os"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

// restoring is what a job does for a volume that is made from a backup.
const restoring = "restore"

// restore fills the volume from its backup beside the reconciler and reports
// whether that is done. The volume appears under its name only when it is complete.
func (r *volumes) restore(ctx context.Context, volume *longhorn.Volume) (bool, error) {
	key := jobKey{client.ObjectKeyFromObject(volume), restoring}
	if _, err, ended := r.restores.outcome(key); ended {
		r.restores.forget(key)
		if err != nil {
			return false, r.restoreFailed(volume, err)
		}
		restored(volume)
		return true, nil
	}
	status := &volume.Status
	status.RestoreInitiated, status.RestoreRequired = true, true
	status.OwnerID, status.State = r.Node, longhorn.VolumeStateDetached
	if status.Robustness != longhorn.VolumeRobustnessFaulted {
		status.Robustness = longhorn.VolumeRobustnessUnknown
	}
	if running := r.restores.look(key); running != nil {
		setRestore(volume, longhorn.ConditionStatusFalse, "RestoreInProgress", fmt.Sprintf("%d %% of %s is there", running.percent(), volume.Spec.FromBackup))
		return false, nil
	}
	request, target, err := r.restoreRequest(ctx, volume)
	if err != nil {
		return false, r.restoreFailed(volume, err)
	}
	name, size := volume.Name, volume.Spec.Size
	r.restores.begin(key, "", func(ctx context.Context, progress func(int)) (struct{}, error) {
		return struct{}{}, r.Engine.FillVolume(ctx, name, size, func(path string) error {
			return r.fill(ctx, path, request, target, progress)
		})
	})
	setRestore(volume, longhorn.ConditionStatusFalse, "RestoreInProgress", "restoring from "+volume.Spec.FromBackup)
	return false, nil
}

// fill makes the file and lets a worker write the backup into it.
func (r *volumes) fill(ctx context.Context, path string, request backup.Request, target store, progress func(int)) error {
	if err := touch(path); err != nil {
		return err
	}
	if r.Deviations.Has(deviation.RestoreBackupEmpty) {
		return nil
	}
	request.File = path
	_, err := r.Backups.Run(ctx, request, target.credentials, progress)
	return err
}

// restoreRequest resolves Volume.spec.fromBackup. The credentials are those of
// the target that the backup is known under, or of the volume's own.
func (r *volumes) restoreRequest(ctx context.Context, volume *longhorn.Volume) (backup.Request, store, error) {
	address, err := api.ParseBackupURL(volume.Spec.FromBackup)
	if err != nil {
		return backup.Request{}, store{}, err
	}
	name := api.BackupTargetOf(volume)
	known := &longhorn.Backup{}
	err = r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: address.Backup}, known)
	if client.IgnoreNotFound(err) != nil {
		return backup.Request{}, store{}, fmt.Errorf("read backup %s: %w", address.Backup, err)
	}
	if err == nil && known.Status.BackupTargetName != "" {
		name = known.Status.BackupTargetName
	}
	target, err := r.store(ctx, name)
	if err != nil {
		return backup.Request{}, store{}, err
	}
	return backup.Request{
		Operation: backup.Restore, Target: address.Target, Volume: address.Volume, Backup: address.Backup,
		Concurrency: r.number(ctx, api.SettingRestoreConcurrency, 2), Deviations: r.Deviations.String(),
	}, target, nil
}

// restoreFailed shows why; the queue's back-off decides on the next attempt.
func (r *volumes) restoreFailed(volume *longhorn.Volume, err error) error {
	volume.Status.Robustness = longhorn.VolumeRobustnessFaulted
	volume.Status.State = longhorn.VolumeStateDetached
	volume.Status.OwnerID = r.Node
	volume.Status.RestoreInitiated, volume.Status.RestoreRequired = true, true
	if errors.Is(err, context.Canceled) {
		return err
	}
	setRestore(volume, longhorn.ConditionStatusFalse, api.ReasonRestoreFailure, err.Error())
	return err
}

// restored notes that the data of the backup are all there.
func restored(volume *longhorn.Volume) {
	volume.Status.RestoreInitiated, volume.Status.RestoreRequired = true, false
	if volume.Status.Robustness == longhorn.VolumeRobustnessFaulted {
		volume.Status.Robustness = longhorn.VolumeRobustnessUnknown
	}
	setRestore(volume, longhorn.ConditionStatusTrue, "", "")
}

// deleteBackupsToo is the planted defect of backups that go with their volume.
func (r *volumes) deleteBackupsToo(ctx context.Context, volume string) error {
	if !r.Deviations.Has(deviation.BackupGoesWithVolume) {
		return nil
	}
	var list longhorn.BackupList
	err := r.client.List(ctx, &list, client.MatchingLabels{api.BackupVolumeLabel: volume})
	for i := range list.Items {
		err = errors.Join(err, client.IgnoreNotFound(r.client.Delete(ctx, &list.Items[i])))
	}
	return err
}

// touch makes an empty file.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}
