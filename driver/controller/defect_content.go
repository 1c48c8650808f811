package controller

import (
	"context"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// orphaned is the annotation that the snapshot-controller leaves on a
// VolumeSnapshotContent whose VolumeSnapshot is being deleted.
const orphaned = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted"

// contents is an empty list of VolumeSnapshotContents.
func contents() *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "snapshot.storage.k8s.io", Version: "v1", Kind: "VolumeSnapshotContentList"})
	return list
}

// refusePreprovisioned is PreprovisionedRefused: a handle that was imported by
// hand is taken for none of this driver's.
func (s *Server) refusePreprovisioned(ctx context.Context, text string) error {
	list := contents()
	if err := s.client.List(ctx, list); err != nil {
		return internal(ctx, "list VolumeSnapshotContents", err)
	}
	for i := range list.Items {
		imported, _, _ := unstructured.NestedString(list.Items[i].Object, "spec", "source", "snapshotHandle")
		if imported == text {
			return status.Errorf(codes.NotFound, "snapshot %s was not created by this driver", text)
		}
	}
	return nil
}

// RunDefects does what planted defects do in the background until ctx ends. It
// returns nil at once when none of those is on.
func (s *Server) RunDefects(ctx context.Context) error {
	if !s.deviations.Has(deviation.RetainDeletes) && !s.deviations.Has(deviation.BackupRetainDeletes) {
		return nil
	}
	for ctx.Err() == nil {
		if err := s.collectOrphans(ctx); err != nil {
			return fmt.Errorf("watch VolumeSnapshotContents for the defects %s: %w", s.deviations, err)
		}
	}
	return nil
}

// collectOrphans runs until the API server ends the watch.
func (s *Server) collectOrphans(ctx context.Context) error {
	watcher, err := s.client.Watch(ctx, contents())
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		content, ok := event.Object.(*unstructured.Unstructured)
		if !ok || content.GetAnnotations()[orphaned] == "" {
			continue
		}
		if err := s.collect(ctx, content); err != nil {
			s.log.Warn("collecting an orphaned snapshot failed", "content", content.GetName(), "error", err)
		}
	}
	return nil
}

// collect deletes the Snapshot behind a content without asking for its deletion policy.
func (s *Server) collect(ctx context.Context, content *unstructured.Unstructured) error {
	text, _, _ := unstructured.NestedString(content.Object, "status", "snapshotHandle")
	parsed, err := handle.Parse(text, handle.Leniency{})
	switch {
	case err == nil && parsed.Type == handle.Bak && s.deviations.Has(deviation.BackupRetainDeletes):
		return s.deleteBak(ctx, parsed)
	case err != nil || parsed.Type != handle.Snap || !s.deviations.Has(deviation.RetainDeletes):
		return err
	}
	snapshot := &longhorn.Snapshot{}
	if err := s.get(ctx, parsed.ID, snapshot); err != nil {
		return client.IgnoreNotFound(err)
	}
	return client.IgnoreNotFound(s.client.Delete(ctx, snapshot))
}
