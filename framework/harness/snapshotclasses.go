package harness

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// DefaultClassAnnotation marks a VolumeSnapshotClass as the one that is taken when a VolumeSnapshot names none.
const DefaultClassAnnotation = "snapshot.storage.kubernetes.io/is-default-class"

// SnapshotClass reads a VolumeSnapshotClass.
func (c *Cluster) SnapshotClass(ctx context.Context, name string) (*snapshotv1.VolumeSnapshotClass, error) {
	class := &snapshotv1.VolumeSnapshotClass{}
	if err := c.Client.Get(ctx, client.ObjectKey{Name: c.class(name)}, class); err != nil {
		return nil, fmt.Errorf("read VolumeSnapshotClass %s: %w", name, err)
	}
	return class, nil
}

// DefaultSnapshotClasses names the default VolumeSnapshotClasses of the driver.
func (c *Cluster) DefaultSnapshotClasses(ctx context.Context) ([]string, error) {
	var list snapshotv1.VolumeSnapshotClassList
	if err := c.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list VolumeSnapshotClasses: %w", err)
	}
	var names []string
	for _, class := range list.Items {
		if class.Driver == c.Config.Driver && class.Annotations[DefaultClassAnnotation] == "true" {
			names = append(names, class.Name)
		}
	}
	return names, nil
}

// MakeDefault makes a class of the spec a default one, or takes that back. Only Serial specs
// labelled settings may call it.
func (e *Env) MakeDefault(ctx context.Context, name string, yes bool) error {
	if err := mayChange("which VolumeSnapshotClass is the default"); err != nil {
		return err
	}
	class, err := e.SnapshotClass(ctx, name)
	if err != nil {
		return err
	}
	before := client.MergeFrom(class.DeepCopy())
	metav1.SetMetaDataAnnotation(&class.ObjectMeta, DefaultClassAnnotation, fmt.Sprint(yes))
	return e.Client.Patch(ctx, class, before)
}

// RemoveClass deletes a VolumeSnapshotClass, waits until it is gone, and returns what it was, to be created again.
func (e *Env) RemoveClass(ctx context.Context, name string) (*snapshotv1.VolumeSnapshotClass, error) {
	class, err := e.SnapshotClass(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := deleteAndWait(ctx, e.Cluster, class.DeepCopy(), timeouts.SnapshotDeleted); err != nil {
		return nil, err
	}
	class.ObjectMeta = metav1.ObjectMeta{Name: class.Name, Labels: class.Labels, Annotations: class.Annotations}
	return class, nil
}

// CreateSnapshotFrom creates a VolumeSnapshot of any source, without a class when it is empty, and returns at once.
func (e *Env) CreateSnapshotFrom(ctx context.Context, name string, source snapshotv1.VolumeSnapshotSource, class string) (*snapshotv1.VolumeSnapshot, error) {
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec:       snapshotv1.VolumeSnapshotSpec{Source: source},
	}
	if class != "" {
		snapshot.Spec.VolumeSnapshotClassName = ptr.To(e.class(class))
	}
	if err := e.Client.Create(ctx, snapshot); err != nil {
		return nil, fmt.Errorf("create VolumeSnapshot %s: %w", name, err)
	}
	return snapshot, nil
}
