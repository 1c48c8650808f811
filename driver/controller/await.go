package controller

import (
	"context"
	"errors"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// errGone is returned by await when the object was deleted meanwhile.
var errGone = errors.New("it was deleted meanwhile")

// await watches one object from the version in hand until done says so, and
// returns the version that satisfied it. An error of done ends the wait.
func await[T client.Object](ctx context.Context, c client.WithWatch, list client.ObjectList, object T, done func(T) (bool, error)) (T, error) {
	if ok, err := done(object); ok || err != nil {
		return object, err
	}
	// The watch starts exactly after the version in hand, so nothing between is missed.
	lister := &cache.ListWatch{WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		return c.Watch(ctx, list.DeepCopyObject().(client.ObjectList), &client.ListOptions{
			Namespace:     object.GetNamespace(),
			FieldSelector: fields.OneTermEqualSelector("metadata.name", object.GetName()),
			Raw:           &options,
		})
	}}
	last := object
	_, err := watchtools.Until(ctx, object.GetResourceVersion(), lister, func(event watch.Event) (bool, error) {
		seen, ok := event.Object.(T)
		if !ok {
			return false, fmt.Errorf("watch answered %s %v", event.Type, event.Object)
		}
		last = seen
		if event.Type == watch.Deleted {
			return false, errGone
		}
		return done(seen)
	})
	return last, err
}

func (s *Server) awaitVolume(ctx context.Context, volume *longhorn.Volume, done func(*longhorn.Volume) (bool, error)) (*longhorn.Volume, error) {
	return await(ctx, s.client, &longhorn.VolumeList{}, volume, done)
}

func (s *Server) awaitSnapshot(ctx context.Context, snapshot *longhorn.Snapshot, done func(*longhorn.Snapshot) (bool, error)) (*longhorn.Snapshot, error) {
	return await(ctx, s.client, &longhorn.SnapshotList{}, snapshot, done)
}

func (s *Server) awaitBackup(ctx context.Context, backup *longhorn.Backup, done func(*longhorn.Backup) (bool, error)) (*longhorn.Backup, error) {
	return await(ctx, s.client, &longhorn.BackupList{}, backup, done)
}
