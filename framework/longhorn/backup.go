package longhorn

import (
	"context"
	"fmt"
	"slices"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// DefaultTarget is the BackupTarget of volumes that name no other.
const DefaultTarget = "default"

// volumeLabel names the volume of a Backup before its status does.
const volumeLabel = "backup-volume"

// BackupNamed returns an empty Backup of that name, for reads and waits.
func BackupNamed(name string) *longhornv1beta2.Backup {
	return &longhornv1beta2.Backup{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// BackupVolumeNamed returns an empty BackupVolume of that name, for reads and waits.
func BackupVolumeNamed(name string) *longhornv1beta2.BackupVolume {
	return &longhornv1beta2.BackupVolume{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// TargetNamed returns an empty BackupTarget of that name, for reads and waits.
func TargetNamed(name string) *longhornv1beta2.BackupTarget {
	return &longhornv1beta2.BackupTarget{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// Backup reads one Backup; apierrors.IsNotFound holds for the error when there is none.
func Backup(ctx context.Context, c client.Client, name string) (*longhornv1beta2.Backup, error) {
	backup := BackupNamed(name)
	if err := c.Get(ctx, client.ObjectKeyFromObject(backup), backup); err != nil {
		return nil, fmt.Errorf("read Longhorn Backup %s: %w", name, err)
	}
	return backup, nil
}

// Backups lists all Backups.
func Backups(ctx context.Context, c client.Client) ([]longhornv1beta2.Backup, error) {
	var list longhornv1beta2.BackupList
	if err := c.List(ctx, &list, client.InNamespace(Namespace)); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("list Longhorn Backups: %w", err)
	}
	return list.Items, nil
}

// BackupsOf lists the Backups of some volumes.
func BackupsOf(ctx context.Context, c client.Client, volumes ...string) ([]longhornv1beta2.Backup, error) {
	all, err := Backups(ctx, c)
	return slices.DeleteFunc(all, func(backup longhornv1beta2.Backup) bool {
		return !slices.Contains(volumes, backup.Status.VolumeName) && !slices.Contains(volumes, backup.Labels[volumeLabel])
	}), err
}

// BackupVolumes lists all BackupVolumes.
func BackupVolumes(ctx context.Context, c client.Client) ([]longhornv1beta2.BackupVolume, error) {
	var list longhornv1beta2.BackupVolumeList
	if err := c.List(ctx, &list, client.InNamespace(Namespace)); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("list Longhorn BackupVolumes: %w", err)
	}
	return list.Items, nil
}

// BackupVolumesOf lists the BackupVolumes of some volumes, in every target. Up
// to Longhorn 1.7 their name was the volume's; later it is in the spec.
func BackupVolumesOf(ctx context.Context, c client.Client, volumes ...string) ([]longhornv1beta2.BackupVolume, error) {
	all, err := BackupVolumes(ctx, c)
	return slices.DeleteFunc(all, func(volume longhornv1beta2.BackupVolume) bool {
		return !slices.Contains(volumes, volume.Spec.VolumeName) && !slices.Contains(volumes, volume.Name)
	}), err
}

// Unavailable says why a target is not available, "" when it does not say.
func Unavailable(target *longhornv1beta2.BackupTarget) string {
	for _, condition := range target.Status.Conditions {
		if condition.Type == longhornv1beta2.BackupTargetConditionTypeUnavailable && condition.Status == longhornv1beta2.ConditionStatusTrue {
			return condition.Message
		}
	}
	return ""
}
