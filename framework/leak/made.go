// Package leak knows what specs make in a cluster and in the storage below,
// and finds what is left of it. It decides nothing: callers wait and fail.
package leak

import (
	"context"
	"fmt"
	"slices"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// Made is what the specs of one namespace caused outside of it, by name.
type Made struct {
	// PersistentVolumes were provisioned for the namespace's claims.
	PersistentVolumes []string
	// Contents are the VolumeSnapshotContents of the namespace's snapshots.
	Contents []string
	// Volumes and Snapshots are Longhorn's resources behind both.
	Volumes, Snapshots []string
	// Backups and BackupVolumes are what a backupstore has of the volumes.
	Backups, BackupVolumes []string
	// Images are the backing images exported from the volumes, and those whose name begins with the namespace's.
	Images []string
}

// Of lists what the namespace has caused so far; call it before the namespace is removed. Gone are the
// volumes that it had and deleted: snapshots and backups of them may still be there.
func Of(ctx context.Context, c client.Client, namespace string, gone ...string) (Made, error) {
	var made Made
	handles := map[string]bool{}
	for _, handle := range gone {
		handles[handle] = true
	}
	var claims corev1.PersistentVolumeClaimList
	if err := c.List(ctx, &claims, client.InNamespace(namespace)); err != nil {
		return made, fmt.Errorf("list claims of namespace %s: %w", namespace, err)
	}
	for _, claim := range claims.Items {
		// The name that the provisioner gives a volume: a refused claim may have left one without a PersistentVolume.
		handles["pvc-"+string(claim.UID)] = true
	}
	var volumes corev1.PersistentVolumeList
	if err := c.List(ctx, &volumes); err != nil {
		return made, fmt.Errorf("list PersistentVolumes: %w", err)
	}
	for _, volume := range volumes.Items {
		if ref := volume.Spec.ClaimRef; ref != nil && ref.Namespace == namespace {
			made.PersistentVolumes = append(made.PersistentVolumes, volume.Name)
			if volume.Spec.CSI != nil {
				handles[volume.Spec.CSI.VolumeHandle] = true
			}
		}
	}
	contents, err := Contents(ctx, c, namespace)
	if err != nil {
		return made, err
	}
	for _, content := range contents {
		made.Contents = append(made.Contents, content.Name)
	}
	for handle := range handles {
		made.Volumes = append(made.Volumes, handle)
	}
	snapshots, err := longhorn.Snapshots(ctx, c)
	if err != nil {
		return made, err
	}
	for _, snapshot := range snapshots {
		if handles[snapshot.Spec.Volume] {
			made.Snapshots = append(made.Snapshots, snapshot.Name)
		}
	}
	if err := made.addImages(ctx, c, namespace); err != nil {
		return made, err
	}
	return made, made.addBackups(ctx, c)
}

// addImages lists the backing images of the volumes and of the namespace.
func (m *Made) addImages(ctx context.Context, c client.Client, namespace string) error {
	images, err := longhorn.Images(ctx, c)
	for _, image := range images {
		if slices.Contains(m.Volumes, image.Spec.SourceParameters["volume-name"]) || strings.HasPrefix(image.Name, namespace+"-") {
			m.Images = append(m.Images, image.Name)
		}
	}
	return err
}

// addBackups lists what backupstores have of the volumes.
func (m *Made) addBackups(ctx context.Context, c client.Client) error {
	backups, err := longhorn.BackupsOf(ctx, c, m.Volumes...)
	if err != nil {
		return err
	}
	for _, backup := range backups {
		m.Backups = append(m.Backups, backup.Name)
	}
	inStores, err := longhorn.BackupVolumesOf(ctx, c, m.Volumes...)
	for _, volume := range inStores {
		m.BackupVolumes = append(m.BackupVolumes, volume.Name)
	}
	return err
}

// Contents lists the VolumeSnapshotContents whose VolumeSnapshot is, or was, in the namespace.
func Contents(ctx context.Context, c client.Client, namespace string) ([]snapshotv1.VolumeSnapshotContent, error) {
	var list snapshotv1.VolumeSnapshotContentList
	if err := c.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list VolumeSnapshotContents: %w", err)
	}
	var found []snapshotv1.VolumeSnapshotContent
	for _, content := range list.Items {
		if content.Spec.VolumeSnapshotRef.Namespace == namespace {
			found = append(found, content)
		}
	}
	return found, nil
}

// Attachments lists the VolumeAttachments of the PersistentVolumes.
func Attachments(ctx context.Context, c client.Client, made Made) ([]storagev1.VolumeAttachment, error) {
	var list storagev1.VolumeAttachmentList
	if err := c.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list VolumeAttachments: %w", err)
	}
	return slices.DeleteFunc(list.Items, func(attachment storagev1.VolumeAttachment) bool {
		name := attachment.Spec.Source.PersistentVolumeName
		return name == nil || !slices.Contains(made.PersistentVolumes, *name)
	}), nil
}

// Objects returns an empty object of the right kind and name for everything in the list.
func (m Made) Objects() []client.Object {
	var objects []client.Object
	for _, name := range m.Contents {
		objects = append(objects, &snapshotv1.VolumeSnapshotContent{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	for _, name := range m.PersistentVolumes {
		objects = append(objects, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	for _, name := range m.Snapshots {
		objects = append(objects, longhorn.SnapshotNamed(name))
	}
	for _, name := range m.Volumes {
		objects = append(objects, longhorn.VolumeNamed(name))
	}
	for _, name := range m.Backups {
		objects = append(objects, longhorn.BackupNamed(name))
	}
	return objects
}
