package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"
)

// gather reads the spec's objects, those in other places included, and the
// names by which driver and sidecars know them.
func gather(ctx context.Context, source Source) ([]client.Object, []string, error) {
	g := &gathering{client: source.Client, namespace: source.Namespace, known: map[string]bool{source.Namespace: true}}
	in := client.InNamespace(source.Namespace)
	g.list(ctx, &corev1.PodList{}, nil, in)
	g.list(ctx, &corev1.PersistentVolumeClaimList{}, func(object client.Object) bool {
		g.know("PersistentVolumeClaim", object.GetUID())
		return true
	}, in)
	g.list(ctx, &snapshotv1.VolumeSnapshotList{}, func(object client.Object) bool {
		g.know("VolumeSnapshot", object.GetUID())
		return true
	}, in)
	g.list(ctx, &corev1.PersistentVolumeList{}, g.ownVolume)
	g.list(ctx, &snapshotv1.VolumeSnapshotContentList{}, g.ownContent)
	g.list(ctx, &storagev1.VolumeAttachmentList{}, g.ownAttachment)
	g.past(ctx)
	g.longhorn(ctx)
	return g.objects, slices.Sorted(maps.Keys(g.known)), errors.Join(g.failures...)
}

// gathering collects objects and the names that lead to further ones.
type gathering struct {
	client    client.Client
	namespace string
	known     map[string]bool
	objects   []client.Object
	failures  []error
}

// list appends the listed objects that belong to the spec; nil means all do.
func (g *gathering) list(ctx context.Context, list client.ObjectList, own func(client.Object) bool, options ...client.ListOption) {
	if err := g.client.List(ctx, list, options...); err != nil {
		g.failures = append(g.failures, fmt.Errorf("list %T for evidence: %w", list, err))
		return
	}
	err := meta.EachListItem(list, func(item runtime.Object) error {
		if object, ok := item.(client.Object); ok && (own == nil || own(object)) {
			g.objects = append(g.objects, object)
		}
		return nil
	})
	g.failures = append(g.failures, err)
}

func (g *gathering) ownVolume(object client.Object) bool {
	volume := object.(*corev1.PersistentVolume)
	own := volume.Spec.ClaimRef != nil && volume.Spec.ClaimRef.Namespace == g.namespace
	if own && volume.Spec.CSI != nil {
		g.known[volume.Spec.CSI.VolumeHandle] = true
	}
	return own
}

func (g *gathering) ownContent(object client.Object) bool {
	ref := object.(*snapshotv1.VolumeSnapshotContent).Spec.VolumeSnapshotRef
	if ref.Namespace == g.namespace {
		g.known[object.GetName()] = true
		for _, name := range handleNames(object.(*snapshotv1.VolumeSnapshotContent)) {
			g.known[name] = true
		}
	}
	return ref.Namespace == g.namespace
}

func (g *gathering) ownAttachment(object client.Object) bool {
	name := object.(*storagev1.VolumeAttachment).Spec.Source.PersistentVolumeName
	return name != nil && g.known[*name]
}

// writeObjects writes one YAML file with every object, without the bookkeeping nobody reads.
func writeObjects(dir string, scheme *runtime.Scheme, objects []client.Object) error {
	var text []byte
	for _, object := range objects {
		if gvk, err := apiutil.GVKForObject(object, scheme); err == nil {
			object.GetObjectKind().SetGroupVersionKind(gvk)
		}
		object.SetManagedFields(nil)
		one, err := yaml.Marshal(object)
		if err != nil {
			return fmt.Errorf("encode %s for evidence: %w", object.GetName(), err)
		}
		text = append(append(text, "---\n"...), one...)
	}
	return write(dir, "objects.yaml", text)
}
