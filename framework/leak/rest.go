package leak

import (
	"context"
	"fmt"
	"slices"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// Rest names everything of the driver that exists cluster-wide and in the storage, sorted.
type Rest []string

// RestOf lists what there is now. storage names what lies below Kubernetes: loop devices, mounts, pool files.
func RestOf(ctx context.Context, c client.Client, driver string, storage []string) (Rest, error) {
	rest := Rest(slices.Clone(storage))
	var volumes corev1.PersistentVolumeList
	if err := c.List(ctx, &volumes); err != nil {
		return nil, fmt.Errorf("list PersistentVolumes: %w", err)
	}
	for _, volume := range volumes.Items {
		if volume.Spec.CSI != nil && volume.Spec.CSI.Driver == driver {
			rest = append(rest, "PersistentVolume "+volume.Name)
		}
	}
	var contents snapshotv1.VolumeSnapshotContentList
	if err := c.List(ctx, &contents); err != nil {
		return nil, fmt.Errorf("list VolumeSnapshotContents: %w", err)
	}
	for _, content := range contents.Items {
		if content.Spec.Driver == driver {
			rest = append(rest, "VolumeSnapshotContent "+content.Name)
		}
	}
	longhornRest, err := longhornRest(ctx, c)
	if err != nil {
		return nil, err
	}
	rest = append(rest, longhornRest...)
	slices.Sort(rest)
	return rest, nil
}

// OwnOf lists what there is now of the namespaces for which own holds, and of backing images whose name begins
// with such a namespace's: a cluster may have others.
func OwnOf(ctx context.Context, c client.Client, own func(namespace string) bool) (Rest, error) {
	var rest Rest
	var volumes corev1.PersistentVolumeList
	if err := c.List(ctx, &volumes); err != nil {
		return nil, fmt.Errorf("list PersistentVolumes: %w", err)
	}
	for _, volume := range volumes.Items {
		if ref := volume.Spec.ClaimRef; ref != nil && own(ref.Namespace) {
			rest = append(rest, "PersistentVolume "+volume.Name)
		}
	}
	var contents snapshotv1.VolumeSnapshotContentList
	if err := c.List(ctx, &contents); err != nil {
		return nil, fmt.Errorf("list VolumeSnapshotContents: %w", err)
	}
	for _, content := range contents.Items {
		if own(content.Spec.VolumeSnapshotRef.Namespace) {
			rest = append(rest, "VolumeSnapshotContent "+content.Name)
		}
	}
	images, err := longhorn.Images(ctx, c)
	for _, image := range images {
		if own(image.Name) {
			rest = append(rest, "Longhorn BackingImage "+image.Name)
		}
	}
	slices.Sort(rest)
	return rest, err
}

// Namespaces names the namespaces with these labels.
func Namespaces(ctx context.Context, c client.Client, labels client.ListOption) (Rest, error) {
	var list corev1.NamespaceList
	if err := c.List(ctx, &list, labels); err != nil {
		return nil, fmt.Errorf("list namespaces of specs: %w", err)
	}
	var rest Rest
	for _, namespace := range list.Items {
		rest = append(rest, "Namespace "+namespace.Name)
	}
	return rest, nil
}

func longhornRest(ctx context.Context, c client.Client) ([]string, error) {
	var rest []string
	volumes, err := longhorn.Volumes(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, volume := range volumes {
		rest = append(rest, "Longhorn Volume "+volume.Name)
	}
	snapshots, err := longhorn.Snapshots(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, snapshot := range snapshots {
		rest = append(rest, "Longhorn Snapshot "+snapshot.Name)
	}
	backups, err := longhorn.Backups(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, backup := range backups {
		rest = append(rest, "Longhorn Backup "+backup.Name)
	}
	images, err := longhorn.Images(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		rest = append(rest, "Longhorn BackingImage "+image.Name)
	}
	inStores, err := longhorn.BackupVolumes(ctx, c)
	for _, volume := range inStores {
		rest = append(rest, "Longhorn BackupVolume "+volume.Name)
	}
	return rest, err
}

// Since returns an error that names everything in r that was not there before, and nil when there is nothing.
func (r Rest) Since(before Rest) error {
	var left []string
	for _, name := range r {
		if !slices.Contains(before, name) {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return fmt.Errorf("%d things are left after the run: %s", len(left), strings.Join(left, ", "))
}
