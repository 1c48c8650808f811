package existing

import (
	"context"
	"errors"
	"fmt"
	"maps"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
)

// plain are the parameters of a StorageClass that needs nothing of the cluster, as in fixtures/classes.
var plain = map[string]string{"numberOfReplicas": "1", "staleReplicaTimeout": "30"}

// Choice is which classes a run uses, and those of them that are still to be made.
type Choice struct {
	Classes harness.Classes
	missing []*unstructured.Unstructured
}

// Choose decides which classes a run uses: those that the configuration names, else those of the cluster that
// fit, else new ones with the run in their name.
func Choose(have Classes, config Config, run string) (Choice, error) {
	choice := Choice{}
	for _, role := range []struct {
		key, fileSystem string
		into            *string
		want            string
	}{
		{"ext4", "ext4", &choice.Classes.Ext4, config.Classes.Ext4},
		{"xfs", "xfs", &choice.Classes.XFS, config.Classes.XFS},
	} {
		name, err := choice.storage(have, config, run, role.key, role.fileSystem, role.want)
		if err != nil {
			return Choice{}, err
		}
		*role.into = name
	}
	for _, role := range []struct {
		key, snapshotType string
		into              *string
		want              string
	}{
		{"snapshot", "snap", &choice.Classes.Snapshot, config.Classes.Snapshot},
		{"backup", "bak", &choice.Classes.Backup, config.Classes.Backup},
		{"image", "bi", &choice.Classes.Image, config.Classes.Image},
	} {
		name, err := choice.snapshots(have, config, run, role.key, role.snapshotType, role.want)
		if err != nil {
			return Choice{}, err
		}
		*role.into = name
	}
	return choice, nil
}

func (c *Choice) storage(have Classes, config Config, run, key, fileSystem, want string) (string, error) {
	if want != "" {
		var names []string
		for i := range have.Storage {
			names = append(names, have.Storage[i].Name)
		}
		return want, named(key, want, config.Driver, names)
	}
	if class := have.fitting(fileSystem, documentedStorage[fileSystem]); class != nil {
		return class.Name, nil
	}
	// Like the one for ext4, whose other parameters are what the owner of the cluster wants of volumes.
	parameters := plain
	if class := have.fitting("ext4", harness.ClassExt4); class != nil {
		parameters = class.Parameters
	}
	parameters = maps.Clone(parameters)
	parameters[parameterFS] = fileSystem
	return c.add(&storagev1.StorageClass{
		TypeMeta:    metav1.TypeMeta{APIVersion: "storage.k8s.io/v1", Kind: "StorageClass"},
		ObjectMeta:  metav1.ObjectMeta{Name: made(run, key)},
		Provisioner: config.Driver, Parameters: parameters, AllowVolumeExpansion: ptr.To(true),
		ReclaimPolicy:     ptr.To(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode: ptr.To(storagev1.VolumeBindingImmediate),
	})
}

func (c *Choice) snapshots(have Classes, config Config, run, key, snapshotType, want string) (string, error) {
	if want != "" {
		var names []string
		for i := range have.Snapshot {
			names = append(names, have.Snapshot[i].Name)
		}
		return want, named(key, want, config.Driver, names)
	}
	if class := have.fittingSnapshots(snapshotType, documentedSnapshots[snapshotType]); class != nil {
		return class.Name, nil
	}
	return c.add(&snapshotv1.VolumeSnapshotClass{
		TypeMeta:   metav1.TypeMeta{APIVersion: "snapshot.storage.k8s.io/v1", Kind: "VolumeSnapshotClass"},
		ObjectMeta: metav1.ObjectMeta{Name: made(run, key)},
		Driver:     config.Driver, DeletionPolicy: snapshotv1.VolumeSnapshotContentDelete,
		Parameters: map[string]string{parameterType: snapshotType},
	})
}

// made is the name of a class that is made for a run.
func made(run, key string) string { return "muster-" + run + "-" + key }

// add notes a class that is to be made and returns its name.
func (c *Choice) add(class metav1.Object) (string, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(class)
	if err != nil {
		return "", fmt.Errorf("make class %s: %w", class.GetName(), err)
	}
	c.missing = append(c.missing, &unstructured.Unstructured{Object: content})
	return class.GetName(), nil
}

// Make makes the classes that the cluster lacks, marked as the client's Making says.
func (c Choice) Make(ctx context.Context, client *kube.Client) error {
	return client.Apply(ctx, c.missing...)
}

// remove removes what Make has made; what is gone is fine.
func (c Choice) remove(ctx context.Context, client *kube.Client) error {
	var failures []error
	for _, class := range c.missing {
		resource := kube.StorageClasses
		if class.GetKind() == "VolumeSnapshotClass" {
			resource = kube.VolumeSnapshotClasses
		}
		err := client.Dynamic.Resource(resource).Delete(ctx, class.GetName(), metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			failures = append(failures, fmt.Errorf("remove the run's class %s: %w", class.GetName(), err))
		}
	}
	return errors.Join(failures...)
}

// Made names the classes that Make makes.
func (c Choice) Made() []string {
	var names []string
	for _, class := range c.missing {
		names = append(names, class.GetName())
	}
	return names
}
