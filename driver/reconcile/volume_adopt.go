package reconcile

import (
	"context"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/muster-csi/muster/driver/api"
)

// home is the node that the volume's data are on or, for one that was made
// without CSI, are to be on: the node of what it is made from, else the leading one.
func (r *volumes) home(ctx context.Context, volume *longhorn.Volume) (string, error) {
	if node := api.DataNode(volume); node != "" {
		return node, nil
	}
	source, err := api.ParseSource(volume.Spec.DataSource)
	if err != nil {
		return "", nil // it can be made on no node
	}
	for name, object := range map[string]client.Object{source.Volume: &longhorn.Volume{}, volume.Spec.BackingImage: &longhorn.BackingImage{}} {
		if name == "" {
			continue
		}
		err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: name}, object)
		if client.IgnoreNotFound(err) != nil {
			return "", fmt.Errorf("read what volume %s is made from: %w", volume.Name, err)
		}
		if node := api.DataNode(object); node != "" {
			return node, nil
		}
	}
	leads, err := r.leads(ctx)
	if err != nil || !leads {
		return "", err
	}
	return r.Node, nil
}

// adopt gives a Volume made by hand what the CSI controller gives its own: finalizer and node.
func (r *volumes) adopt(ctx context.Context, volume *longhorn.Volume) error {
	if controllerutil.ContainsFinalizer(volume, api.Finalizer) && api.DataNode(volume) != "" {
		return nil
	}
	before := volume.DeepCopy()
	controllerutil.AddFinalizer(volume, api.Finalizer)
	if volume.Labels == nil {
		volume.Labels = map[string]string{}
	}
	volume.Labels[api.DataNodeLabel] = r.Node
	if err := r.client.Patch(ctx, volume, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("take on volume %s, which was made by hand: %w", volume.Name, err)
	}
	return nil
}
