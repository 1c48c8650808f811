package existing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/internal/nearest"
)

const (
	parameterFS   = "fsType"
	parameterType = "type"
	// defaultClass marks the StorageClass of claims that name none.
	defaultClass = "storageclass.kubernetes.io/is-default-class"
)

// foreignParameters make a class of the driver one for special purposes, which the specs do not expect.
var foreignParameters = []string{"encrypted", "backingImage", "backupTargetName", "fromBackup", "migratable", "nfsOptions", "recurringJobSelector"}

// ordinaryParameters are values of those that mean nothing special: Longhorn's own class names the default target.
var ordinaryParameters = map[string]string{"backupTargetName": longhorn.DefaultTarget}

// Classes are the driver's classes in a cluster.
type Classes struct {
	// Storage and Snapshot are by name.
	Storage  []storagev1.StorageClass
	Snapshot []snapshotv1.VolumeSnapshotClass
}

// ClassesOf lists the classes of a driver, without those that a run has made and will remove. A cluster without the snapshot kinds has none of those.
func ClassesOf(ctx context.Context, c *kube.Client, driver string) (Classes, error) {
	storage, err := kube.List[storagev1.StorageClass](ctx, c, kube.StorageClasses, "", metav1.ListOptions{})
	if err != nil {
		return Classes{}, err
	}
	snapshot, err := kube.List[snapshotv1.VolumeSnapshotClass](ctx, c, kube.VolumeSnapshotClasses, "", metav1.ListOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return Classes{}, err
	}
	return Classes{
		Storage: slices.DeleteFunc(storage, func(class storagev1.StorageClass) bool {
			return class.Provisioner != driver || runid.Of(&class) != ""
		}),
		Snapshot: slices.DeleteFunc(snapshot, func(class snapshotv1.VolumeSnapshotClass) bool {
			return class.Driver != driver || runid.Of(&class) != ""
		}),
	}, nil
}

// fitting returns the StorageClass for a file system that specs can use as it is: its volumes are bound at
// once, can grow, go with their claim, and are nothing special. Of several it is the cluster's default, or
// the one of the documented name, or the first; nil for none.
func (c Classes) fitting(fileSystem, documented string) *storagev1.StorageClass {
	var found *storagev1.StorageClass
	for i := range c.Storage {
		class := &c.Storage[i]
		switch {
		case !fits(class, fileSystem):
		case class.Annotations[defaultClass] == "true":
			return class
		case found == nil || class.Name == documented:
			found = class
		}
	}
	return found
}

func fits(class *storagev1.StorageClass, fileSystem string) bool {
	for _, key := range foreignParameters {
		if value := class.Parameters[key]; value != "" && value != "false" && value != ordinaryParameters[key] {
			return false
		}
	}
	return cmp.Or(class.Parameters[parameterFS], "ext4") == fileSystem && ptr.Deref(class.AllowVolumeExpansion, false) &&
		ptr.Deref(class.VolumeBindingMode, storagev1.VolumeBindingImmediate) == storagev1.VolumeBindingImmediate &&
		ptr.Deref(class.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete) == corev1.PersistentVolumeReclaimDelete &&
		len(class.MountOptions) == 0 && len(class.AllowedTopologies) == 0
}

// fittingSnapshots returns the VolumeSnapshotClass of a type, with deletion policy Delete and no other
// parameters; nil for none.
func (c Classes) fittingSnapshots(snapshotType, documented string) *snapshotv1.VolumeSnapshotClass {
	var found *snapshotv1.VolumeSnapshotClass
	for i := range c.Snapshot {
		class := &c.Snapshot[i]
		fits := class.DeletionPolicy == snapshotv1.VolumeSnapshotContentDelete &&
			maps.Equal(class.Parameters, map[string]string{parameterType: snapshotType})
		if fits && (found == nil || class.Name == documented) {
			found = class
		}
	}
	return found
}

// named checks that a class which the configuration names is there.
func named(key, name, driver string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("classes.%s is %s, but driver %s has no class of that kind: leave the key out and one is made for the run", key, name, driver)
	}
	return fmt.Errorf("classes.%s is %s, but driver %s has no such class; did you mean %s? It has %s",
		key, name, driver, nearest.Of(name, names), strings.Join(names, ", "))
}

// documentedStorage and documentedSnapshots name the classes that specs ask for.
var (
	documentedStorage   = map[string]string{"ext4": harness.ClassExt4, "xfs": harness.ClassXFS}
	documentedSnapshots = map[string]string{"snap": harness.SnapClass, "bak": harness.BackupClass, "bi": harness.ImageClass}
)
