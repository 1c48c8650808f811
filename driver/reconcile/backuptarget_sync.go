package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

// inCluster is what the cluster knows of one target.
type inCluster struct {
	backups map[string]longhorn.Backup
	volumes map[string]longhorn.BackupVolume
}

// known reads the Backups and BackupVolumes of a target.
func (r *backupTargets) known(ctx context.Context, target string) (inCluster, error) {
	result := inCluster{map[string]longhorn.Backup{}, map[string]longhorn.BackupVolume{}}
	ours := client.MatchingLabels{api.BackupTargetLabel: target}
	var backups longhorn.BackupList
	var volumes longhorn.BackupVolumeList
	// Not from the cache: what it does not show yet would be taken for foreign, or for lost.
	in := client.InNamespace(r.Namespace)
	if err := errors.Join(r.reader.List(ctx, &backups, in, ours), r.reader.List(ctx, &volumes, in, ours)); err != nil {
		return result, fmt.Errorf("list the backups of target %s: %w", target, err)
	}
	for _, found := range backups.Items {
		result.backups[found.Name] = found
	}
	for _, found := range volumes.Items {
		result.volumes[found.Spec.VolumeName] = found
	}
	return result, nil
}

// forgetAll deletes what the cluster shows of a target that is not set any more. The store keeps it.
func (r *backupTargets) forgetAll(ctx context.Context, target string) error {
	known, err := r.known(ctx, target)
	if err != nil {
		return err
	}
	return r.forgetLost(ctx, nil, known)
}

// takeOver makes the cluster show what the store has: objects for what others
// have put there, and none for what is gone. One bad volume hides no other.
func (r *backupTargets) takeOver(ctx context.Context, target string, from store, found []backup.Volume, known inCluster) error {
	var failures []error
	for _, volume := range found {
		failures = append(failures, r.takeOverVolume(ctx, target, volume))
		failures = append(failures, r.takeOverBackups(ctx, target, from, volume, known))
	}
	return errors.Join(append(failures, r.forgetLost(ctx, found, known))...)
}

// takeOverVolume creates or renews the BackupVolume.
func (r *backupTargets) takeOverVolume(ctx context.Context, target string, volume backup.Volume) error {
	fresh := api.NewBackupVolume(r.Namespace, volume.Name, target)
	if err := ignoreExists(r.client.Create(ctx, fresh)); err != nil {
		return fmt.Errorf("show backup volume %s: %w", volume.Name, err)
	}
	object := &longhorn.BackupVolume{}
	if err := r.reader.Get(ctx, client.ObjectKeyFromObject(fresh), object); err != nil {
		return client.IgnoreNotFound(err)
	}
	before := object.DeepCopy()
	status := &object.Status
	status.OwnerID, status.LastSyncedAt = r.Node, metav1.Now()
	status.Messages = nil
	if volume.Error != "" {
		status.Messages = map[string]string{"error": volume.Error}
	} else {
		status.Size, status.DataStored = strconv.FormatInt(volume.SizeBytes, 10), strconv.FormatInt(volume.StoredBytes, 10)
		status.Labels, status.CreatedAt, status.StorageClassName = volume.Labels, volume.CreatedAt, volume.StorageClass
		status.LastBackupName, status.LastBackupAt = volume.LastBackup, volume.LastBackupAt
	}
	return r.patchStatus(ctx, before, object)
}

// takeOverBackups creates Backups for those of a volume that the cluster does
// not know. Unfinished ones are somebody's upload and not shown.
func (r *backupTargets) takeOverBackups(ctx context.Context, target string, from store, volume backup.Volume, known inCluster) error {
	unknown := slices.DeleteFunc(slices.Clone(volume.Backups), func(name string) bool {
		_, found := known.backups[name]
		return found
	})
	if len(unknown) == 0 || r.Deviations.Has(deviation.RestoreForeignRefused) {
		return nil
	}
	result, err := r.Backups.Run(ctx, backup.Request{
		Operation: backup.Inspect, Target: from.url, Volume: volume.Name, Backups: unknown,
	}, from.credentials, nil)
	if err != nil {
		return err
	}
	var failures []error
	for _, info := range result.Backups {
		if info.Error == "" {
			failures = append(failures, r.show(ctx, target, info))
		}
	}
	return errors.Join(failures...)
}

// show makes the Backup for one that was found in the store.
func (r *backupTargets) show(ctx context.Context, target string, info backup.Info) error {
	object := &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{
			Name: info.Name, Namespace: r.Namespace, Finalizers: []string{api.Finalizer},
			Labels: map[string]string{api.BackupVolumeLabel: info.Volume, api.BackupTargetLabel: target},
		},
		Spec: longhorn.BackupSpec{Labels: info.Labels, BackupBlockSize: 2 << 20},
	}
	if err := r.client.Create(ctx, object); err != nil {
		return ignoreExists(err) // of another target, or made meanwhile
	}
	before := object.DeepCopy()
	describeBackup(object, info)
	status := &object.Status
	status.OwnerID, status.BackupTargetName = r.Node, target
	status.SnapshotName, status.SnapshotCreatedAt = info.Snapshot, info.SnapshotCreatedAt
	status.VolumeName, status.VolumeSize, status.VolumeCreated = info.Volume, strconv.FormatInt(info.VolumeBytes, 10), info.VolumeCreatedAt
	status.Labels, status.CompressionMethod = info.Labels, longhorn.BackupCompressionMethod(info.Compression)
	return r.patchStatus(ctx, before, object)
}

// forgetLost deletes what the cluster shows and the store does not have. Known
// was read before the list of the store: a backup that was complete then and is
// not in the list is gone. Of a volume that could not be read nothing is known.
func (r *backupTargets) forgetLost(ctx context.Context, found []backup.Volume, known inCluster) error {
	var failures []error
	inStore := map[string]backup.Volume{}
	for _, volume := range found {
		inStore[volume.Name] = volume
	}
	busy := map[string]bool{}
	for _, object := range known.backups {
		volume := api.VolumeOfBackup(&object)
		switch {
		case object.Status.State != longhorn.BackupStateCompleted:
			busy[volume] = true
		case inStore[volume].Error != "" || !object.DeletionTimestamp.IsZero():
		case !slices.Contains(inStore[volume].Backups, object.Name):
			failures = append(failures, r.forgetObject(ctx, &object))
		}
	}
	for name, object := range known.volumes {
		if _, there := inStore[name]; !there && !busy[name] && object.DeletionTimestamp.IsZero() {
			failures = append(failures, r.forgetObject(ctx, &object))
		}
	}
	return errors.Join(failures...)
}

// followSettings copies the settings of the time before BackupTargets into the default one (B-28).
func (r *backupTargets) followSettings(ctx context.Context, target *longhorn.BackupTarget) error {
	if !r.Contract.HasTargetSettings() || target.Name != api.DefaultBackupTarget || r.Deviations.Has(deviation.TargetSettingsIgnored) {
		return nil
	}
	// The secret first: whoever takes both back takes the address first, and an address
	// must not count without the secret that belonged to it.
	secret, err := r.setting(ctx, api.SettingBackupTargetSecret)
	if err != nil {
		return err
	}
	said := &longhorn.Setting{}
	err = r.client.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: string(api.SettingBackupTarget)}, said)
	if err != nil {
		return client.IgnoreNotFound(err) // Longhorn always has it; here nobody has said anything
	}
	address := said.Value
	before := target.DeepCopy()
	target.Spec.BackupTargetURL, target.Spec.CredentialSecret = address, secret
	target.Spec.PollInterval = metav1.Duration{Duration: time.Duration(r.number(ctx, api.SettingBackupPollInterval, 300)) * time.Second}
	if before.Spec == target.Spec {
		return nil
	}
	return r.client.Patch(ctx, target, client.MergeFrom(before))
}
