package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/image"
)

const (
	imageWorkers = 4
	// imageRetryInterval is when an image whose making failed for now is made again.
	imageRetryInterval = time.Minute
	// imageWaitInterval is when to look again whether what an image waits for has happened.
	imageWaitInterval = time.Second
	// volumesOfImage indexes Volumes by the BackingImage that they begin with.
	volumesOfImage = "spec.backingImage"
	// providing is what a job does for a BackingImage.
	providing = "provide"
)

// backingImages reconciles the BackingImages on this node, and on the leading
// node those of none: it makes, describes and removes them.
type backingImages struct {
	node
	jobs *jobs[engine.ImageInfo]

	// final has the images that failed for good, by UID and generation: what wakes
	// them later, as the progress of the attempt itself, must not begin another.
	final sync.Map
}

// version tells a BackingImage from one of the same name and from its own changes.
type version struct {
	uid        types.UID
	generation int64
}

func versionOf(object *longhorn.BackingImage) version {
	return version{object.UID, object.Generation}
}

func (r *backingImages) setUp(ctx context.Context, mgr ctrl.Manager) error {
	err := mgr.GetFieldIndexer().IndexField(ctx, &longhorn.Volume{}, volumesOfImage, func(object client.Object) []string {
		return []string{object.(*longhorn.Volume).Spec.BackingImage}
	})
	if err != nil {
		return fmt.Errorf("index volumes by backing image: %w", err)
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("backingimage").
		For(&longhorn.BackingImage{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&longhorn.Volume{}, handler.EnqueueRequestsFromMapFunc(imageOfVolume), builder.WithPredicates(onlyDeletions)).
		WatchesRawSource(source.Channel(r.jobs.wake, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: imageWorkers}).
		Complete(r)
}

// imageOfVolume maps a volume to the image that it begins with.
func imageOfVolume(_ context.Context, object client.Object) []reconcile.Request {
	name := object.(*longhorn.Volume).Spec.BackingImage
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: name}}}
}

// Reconcile brings one image a step further.
func (r *backingImages) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	object := &longhorn.BackingImage{}
	if err := r.client.Get(ctx, request.NamespacedName, object); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if mine, err := r.keeps(ctx, api.DataNode(object)); err != nil || !mine {
		return reconcile.Result{}, err
	}
	if !object.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, r.remove(ctx, object)
	}
	if err := r.adopt(ctx, object); err != nil {
		return reconcile.Result{}, fmt.Errorf("backing image %s: %w", object.Name, err)
	}
	before := object.DeepCopy()
	again, err := r.advance(ctx, object)
	if err := errors.Join(err, r.patchStatus(ctx, before, object)); err != nil {
		return reconcile.Result{}, fmt.Errorf("backing image %s: %w", object.Name, err)
	}
	return reconcile.Result{RequeueAfter: again}, nil
}

// adopt gives a BackingImage made by hand what the CSI controller gives its own.
func (r *backingImages) adopt(ctx context.Context, object *longhorn.BackingImage) error {
	if controllerutil.ContainsFinalizer(object, api.Finalizer) && api.DataNode(object) != "" {
		return nil
	}
	node := r.Node
	if name := object.Spec.SourceParameters[api.ImageVolumeName]; name != "" {
		volume := &longhorn.Volume{}
		err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: name}, volume)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("read volume %s: %w", name, err)
		}
		if err == nil && api.DataNode(volume) != "" {
			node = api.DataNode(volume)
		}
	}
	before := object.DeepCopy()
	controllerutil.AddFinalizer(object, api.Finalizer)
	if object.Labels == nil {
		object.Labels = map[string]string{}
	}
	object.Labels[api.DataNodeLabel] = node
	return r.client.Patch(ctx, object, client.MergeFrom(before))
}

// advance describes the image that is there, or makes it; again is when to try
// once more what failed for now.
func (r *backingImages) advance(ctx context.Context, object *longhorn.BackingImage) (again time.Duration, err error) {
	key := jobKey{client.ObjectKeyFromObject(object), providing}
	object.Status.OwnerID, object.Status.UUID = r.Node, string(object.UID)
	info, err := r.Engine.Image(object.Name)
	switch {
	case err == nil && info.Complete:
		r.jobs.forget(key)
		describeImage(object, info)
		return 0, nil
	case err != nil && !errors.Is(err, engine.ErrNotFound):
		return 0, err
	case api.ImageReady(object): // to make it anew could give other data under the same name
		api.SetImageFile(object, longhorn.BackingImageStateFailed, 0, "its file is missing on node "+r.Node+": restore the pool, or delete the backing image")
		return 0, nil
	}
	if _, err, ended := r.jobs.outcome(key); ended {
		r.jobs.forget(key)
		return r.failed(object, err), nil
	}
	if running := r.jobs.look(key); running != nil {
		api.SetImageFile(object, longhorn.BackingImageStateInProgress, running.percent(), "")
		return 0, nil
	}
	if why, failed := r.final.Load(versionOf(object)); failed {
		api.SetImageFile(object, longhorn.BackingImageStateFailed, 0, why.(string))
		return 0, nil
	}
	if err := api.CheckBackingImage(object); err != nil && !r.Deviations.Has(deviation.ImageURLUnchecked) {
		return r.failed(object, &image.Refused{Reason: err.Error()}), nil
	}
	return r.begin(ctx, object, key)
}

// begin starts to make the image.
func (r *backingImages) begin(ctx context.Context, object *longhorn.BackingImage, key jobKey) (again time.Duration, err error) {
	build, wait, err := r.source(ctx, object)
	switch {
	case err != nil:
		return r.failed(object, err), nil
	case wait == waitsForUpload:
		api.SetImageFile(object, longhorn.BackingImageStateReadyForTransfer, 0, wait)
		return 0, nil // the upload wakes this image again
	case wait != "":
		api.SetImageFile(object, longhorn.BackingImageStatePending, 0, wait)
		return imageWaitInterval, nil
	}
	name, expected := object.Name, object.Spec.Checksum
	r.jobs.begin(key, "", func(ctx context.Context, progress func(int)) (engine.ImageInfo, error) {
		return r.Engine.BuildImage(ctx, name, func(dir string) (engine.ImageFacts, error) {
			return build(ctx, &building{images: r, dir: dir, expected: expected, progress: progress})
		})
	})
	api.SetImageFile(object, longhorn.BackingImageStateInProgress, 0, "")
	return 0, nil
}

// failed notes why there is no image. What can be different next time is tried
// again; anything else waits for a change of the object.
func (r *backingImages) failed(object *longhorn.BackingImage, err error) (again time.Duration) {
	if err == nil || errors.Is(err, context.Canceled) {
		return time.Second // this process ends
	}
	r.Log.Warn("a backing image failed", "image", object.Name, "error", err)
	api.SetImageFile(object, longhorn.BackingImageStateFailed, 0, err.Error())
	var refused *image.Refused
	if errors.As(err, &refused) {
		r.final.Store(versionOf(object), err.Error())
		return 0
	}
	return imageRetryInterval
}

// describeImage fills the status with what the engine says of a complete image.
func describeImage(object *longhorn.BackingImage, info engine.ImageInfo) {
	status := &object.Status
	status.Size, status.VirtualSize, status.RealSize = info.SizeBytes, info.VirtualBytes, info.RealBytes
	status.Checksum = info.SHA512
	api.SetImageFile(object, longhorn.BackingImageStateReady, 100, "")
}

// remove deletes the image's files once no volume begins with it (D-13), then lets the object go.
func (r *backingImages) remove(ctx context.Context, object *longhorn.BackingImage) error {
	if !controllerutil.ContainsFinalizer(object, api.Finalizer) {
		return nil
	}
	r.jobs.stop(jobKey{client.ObjectKeyFromObject(object), providing})
	var users longhorn.VolumeList
	if err := r.client.List(ctx, &users, client.MatchingFields{volumesOfImage: object.Name}); err != nil {
		return fmt.Errorf("list the volumes of backing image %s: %w", object.Name, err)
	}
	if len(users.Items) > 0 && !r.Deviations.Has(deviation.ImageDeleteInUse) {
		return nil // the end of the last one wakes this image again
	}
	if err := r.Engine.DeleteImage(ctx, object.Name); err != nil {
		return err
	}
	r.final.Range(func(key, _ any) bool {
		if key.(version).uid == object.UID {
			r.final.Delete(key)
		}
		return true
	})
	return r.letGo(ctx, object)
}
