package harness

import (
	"context"
	"errors"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/timeouts"
)

// removeNamespace deletes what is in the spec's namespace and what belongs to it cluster-wide,
// then the namespace, and waits until that is gone.
func (e *Env) removeNamespace(ctx context.Context) error {
	in := client.InNamespace(e.Namespace)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: e.Namespace}}
	contents, err := leak.Contents(ctx, e.Client, e.Namespace)
	// Pods first, so that volumes detach while snapshots are deleted; claims before snapshots, because a
	// Pending restore protects its VolumeSnapshot.
	err = errors.Join(err,
		e.Client.DeleteAllOf(ctx, &corev1.Pod{}, in, client.GracePeriodSeconds(0)),
		e.dropRetention(ctx, contents),
		e.Client.DeleteAllOf(ctx, &corev1.PersistentVolumeClaim{}, in),
		e.Client.DeleteAllOf(ctx, &snapshotv1.VolumeSnapshot{}, in),
		e.deleteContents(ctx, contents),
		client.IgnoreNotFound(e.Client.Delete(ctx, namespace)),
	)
	if err != nil {
		return fmt.Errorf("remove namespace %s: %w", e.Namespace, err)
	}
	if err := UntilGone(ctx, e.Cluster, namespace, timeouts.VolumeDeleted); err != nil {
		return err
	}
	// Classes last: the sidecar reads them until the last content is gone.
	return e.Client.DeleteAllOf(ctx, &snapshotv1.VolumeSnapshotClass{}, client.MatchingLabels{specLabel: e.Namespace})
}

// dropRetention sets contents that the driver made a snapshot for to policy Delete. Imported ones
// keep theirs: their handles may be deliberately wrong, and what they name belongs to another content or to the volume.
func (e *Env) dropRetention(ctx context.Context, contents []snapshotv1.VolumeSnapshotContent) error {
	var failures []error
	for i := range contents {
		content := &contents[i]
		if content.Spec.Source.VolumeHandle == nil || content.Spec.DeletionPolicy == snapshotv1.VolumeSnapshotContentDelete {
			continue
		}
		before := client.MergeFrom(content.DeepCopy())
		content.Spec.DeletionPolicy = snapshotv1.VolumeSnapshotContentDelete
		failures = append(failures, client.IgnoreNotFound(e.Client.Patch(ctx, content, before)))
	}
	return errors.Join(failures...)
}

func (e *Env) deleteContents(ctx context.Context, contents []snapshotv1.VolumeSnapshotContent) error {
	var failures []error
	for i := range contents {
		failures = append(failures, client.IgnoreNotFound(e.Client.Delete(ctx, &contents[i])))
	}
	return errors.Join(failures...)
}

// checkGone waits until nothing of what the spec had made exists any more; the error names what remains.
func (e *Env) checkGone(ctx context.Context, made leak.Made) error {
	var failures []error
	for _, object := range made.Objects() {
		if err := UntilGone(ctx, e.Cluster, object, timeouts.VolumeDeleted); err != nil {
			failures = append(failures, fmt.Errorf("left over: %w", err))
		}
	}
	return errors.Join(failures...)
}
