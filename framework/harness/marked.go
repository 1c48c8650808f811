package harness

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// beingCreated is on a content while the driver may be making its snapshot.
const beingCreated = "snapshot.storage.kubernetes.io/volumesnapshot-being-created"

// WaitUnmarked waits until the content is not marked as being created. Each new attempt marks it for as long as the call takes.
func (e *Env) WaitUnmarked(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) error {
	_, err := Until(ctx, e.Cluster, content.DeepCopy(), timeouts.SnapshotRefused, "be marked as being created no more",
		func(content *snapshotv1.VolumeSnapshotContent) (bool, string, error) {
			_, marked := content.Annotations[beingCreated]
			return !marked, fmt.Sprintf("annotations %v", content.Annotations), nil
		})
	return err
}

// IsMarked returns an error unless the content is marked as being created now.
func (e *Env) IsMarked(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) error {
	var now snapshotv1.VolumeSnapshotContent
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(content), &now); err != nil {
		return fmt.Errorf("read content %s: %w", content.Name, err)
	}
	if _, marked := now.Annotations[beingCreated]; !marked {
		return fmt.Errorf("content %s is not marked as being created after the error %q; its annotations are %v", content.Name, contentError(&now), now.Annotations)
	}
	return nil
}

// WaitContentError waits until the content shows an error with the fragments.
func (e *Env) WaitContentError(ctx context.Context, content *snapshotv1.VolumeSnapshotContent, fragments ...string) error {
	_, err := Until(ctx, e.Cluster, content.DeepCopy(), timeouts.SnapshotRefused, fmt.Sprintf("show an error with %q", fragments),
		func(content *snapshotv1.VolumeSnapshotContent) (bool, string, error) {
			text := contentError(content)
			return containsAll(text, fragments), fmt.Sprintf("error %q", text), nil
		})
	return err
}

func contentError(content *snapshotv1.VolumeSnapshotContent) string {
	if content.Status == nil {
		return ""
	}
	return errorText(content.Status.Error)
}
