package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/timeouts"
)

// remove deletes what is in the spec's namespace and what belongs to it cluster-wide, in the order in which
// things hold each other.
func (e *Env) remove(ctx context.Context, made leak.Made) error {
	if err := e.removePods(ctx, made); err != nil {
		return err
	}
	in := client.InNamespace(e.Namespace)
	contents, err := leak.Contents(ctx, e.plain, e.Namespace)
	// Claims before snapshots, because a Pending restore protects its VolumeSnapshot.
	err = errors.Join(err,
		e.dropRetention(ctx, contents),
		e.plain.DeleteAllOf(ctx, &corev1.PersistentVolumeClaim{}, in),
		e.plain.DeleteAllOf(ctx, &snapshotv1.VolumeSnapshot{}, in),
		e.deleteContents(ctx, contents),
	)
	if err != nil {
		return fmt.Errorf("remove what is in namespace %s: %w", e.Namespace, err)
	}
	if err := e.checkGone(ctx, made); err != nil {
		return err
	}
	// Classes last: the sidecar reads them until the last content is gone.
	return e.plain.DeleteAllOf(ctx, &snapshotv1.VolumeSnapshotClass{}, client.MatchingLabels{specLabel: e.Namespace})
}

// removeNamespace deletes the namespace, for whose end WaitNothingLeft waits: Kubernetes takes its time there.
func (e *Env) removeNamespace(ctx context.Context) error {
	err := e.plain.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: e.Namespace}})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove namespace %s: %w", e.Namespace, err)
	}
	return nil
}

// volumesAnnotation is on a spec's namespace and names the volumes that it has had: backups and snapshots of
// them may be there when the claims are gone.
const volumesAnnotation = "muster.dev/volumes"

// directAnnotation is there as well and says how the names of volumes begin that the spec makes without claims.
const directAnnotation = "muster.dev/direct"

// remember notes volumes of the spec in its namespace, beside those that it has deleted.
func (e *Env) remember(ctx context.Context, volumes ...string) error {
	e.mutex.Lock()
	all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(e.gone, volumes))))
	e.mutex.Unlock()
	if len(all) == 0 {
		return nil
	}
	return e.annotate(ctx, volumesAnnotation, strings.Join(all, ","))
}

// annotate notes something in the spec's namespace for muster clean.
func (e *Env) annotate(ctx context.Context, annotation, text string) error {
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, annotation, text)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: e.Namespace}}
	if err := e.plain.Patch(ctx, namespace, client.RawPatch(types.MergePatchType, patch)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("note %s in namespace %s: %w", annotation, e.Namespace, err)
	}
	return nil
}

// removePods deletes the pods and waits until their volumes are detached. A volume that is deleted before
// that is refused, and the provisioner's back-off would cost more than this wait.
func (e *Env) removePods(ctx context.Context, made leak.Made) error {
	var pods corev1.PodList
	if err := e.plain.List(ctx, &pods, client.InNamespace(e.Namespace)); err != nil {
		return fmt.Errorf("list pods of namespace %s: %w", e.Namespace, err)
	}
	for i := range pods.Items {
		if err := client.IgnoreNotFound(e.plain.Delete(ctx, &pods.Items[i])); err != nil {
			return fmt.Errorf("delete pod %s: %w", pods.Items[i].Name, err)
		}
	}
	for i := range pods.Items {
		if err := UntilGone(ctx, e.Cluster, &pods.Items[i], timeouts.PodGone); err != nil {
			return err
		}
	}
	return e.waitUnattached(ctx, made)
}

// waitUnattached waits until no node has the volumes attached, as Kubernetes knows it.
func (e *Env) waitUnattached(ctx context.Context, made leak.Made) error {
	attachments, err := leak.Attachments(ctx, e.plain, made)
	if err != nil {
		return err
	}
	for i := range attachments {
		if err := UntilGone(ctx, e.Cluster, &attachments[i], timeouts.VolumeDetached); err != nil {
			return err
		}
	}
	return nil
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
		failures = append(failures, client.IgnoreNotFound(e.plain.Patch(ctx, content, before)))
	}
	return errors.Join(failures...)
}

func (e *Env) deleteContents(ctx context.Context, contents []snapshotv1.VolumeSnapshotContent) error {
	var failures []error
	for i := range contents {
		failures = append(failures, client.IgnoreNotFound(e.plain.Delete(ctx, &contents[i])))
	}
	return errors.Join(failures...)
}

// checkGone waits until nothing of what the spec had made exists any more; the error names all that remains.
func (e *Env) checkGone(ctx context.Context, made leak.Made) error {
	if !e.Config.LeakCheck {
		return nil
	}
	objects := made.Objects()
	failures := make([]error, len(objects))
	var all sync.WaitGroup
	for i, object := range objects {
		all.Go(func() { // at the same time: much that stays must not take longer than one thing
			if err := UntilGone(ctx, e.Cluster, object, timeouts.VolumeDeleted); err != nil {
				failures[i] = fmt.Errorf("left over: %w", err)
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}
