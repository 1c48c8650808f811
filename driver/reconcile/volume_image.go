package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// waitingForImage maps an image to the volumes that begin with it.
func (r *volumes) waitingForImage(ctx context.Context, image client.Object) []reconcile.Request {
	var list longhorn.VolumeList
	if err := r.client.List(ctx, &list, client.MatchingFields{volumesOfImage: image.GetName()}); err != nil {
		r.Log.Warn("volumes are not told of a change of their backing image", "image", image.GetName(), "error", err)
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if api.AwaitingImage(&list.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// beginWith makes the volume from its backing image and reports whether that is
// done. The image's readiness wakes this volume again.
func (r *volumes) beginWith(ctx context.Context, volume *longhorn.Volume) (bool, error) {
	status := &volume.Status
	status.OwnerID, status.State, status.Robustness = r.Node, longhorn.VolumeStateDetached, longhorn.VolumeRobustnessUnknown
	image := &longhorn.BackingImage{}
	err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: volume.Spec.BackingImage}, image)
	switch {
	case apierrors.IsNotFound(err):
		waitForImage(volume, "it does not exist")
		return false, nil // its creation wakes this volume again
	case err != nil:
		return false, fmt.Errorf("read backing image %s: %w", volume.Spec.BackingImage, err)
	case !api.ImageReady(image):
		file := api.ImageFile(image)
		state := cmp.Or(string(file.State), string(longhorn.BackingImageStatePending))
		if file.Message != "" {
			state += ": " + file.Message
		}
		waitForImage(volume, state)
		return false, nil
	}
	err = r.Engine.CloneImage(ctx, volume.Name, volume.Spec.Size, image.Name)
	if errors.Is(err, engine.ErrTooSmall) {
		waitForImage(volume, err.Error())
		return false, nil // no retry helps
	}
	if err != nil {
		waitForImage(volume, err.Error())
		return false, err
	}
	status.Conditions = api.SetCondition(status.Conditions, longhorn.Condition{
		Type: longhorn.VolumeConditionTypeWaitForBackingImage, Status: longhorn.ConditionStatusFalse,
	})
	return true, nil
}

func waitForImage(volume *longhorn.Volume, why string) {
	volume.Status.Conditions = api.SetCondition(volume.Status.Conditions, longhorn.Condition{
		Type: longhorn.VolumeConditionTypeWaitForBackingImage, Status: longhorn.ConditionStatusTrue,
		Reason: api.ReasonImageNotReady, Message: why,
	})
}

// deleteImagesToo is the planted defect of backing images that go with their volume.
func (r *volumes) deleteImagesToo(ctx context.Context, volume string) error {
	if !r.Deviations.Has(deviation.ImageGoesWithVolume) {
		return nil
	}
	var list longhorn.BackingImageList
	err := r.client.List(ctx, &list)
	for i := range list.Items {
		if list.Items[i].Spec.SourceParameters[api.ImageVolumeName] == volume {
			err = errors.Join(err, client.IgnoreNotFound(r.client.Delete(ctx, &list.Items[i])))
		}
	}
	return err
}
