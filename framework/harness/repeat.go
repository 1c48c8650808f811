package harness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// forget empties what the sidecar writes once. At its next look it calls CreateSnapshot with the same name
// and fills in what the driver answers (external-snapshotter v8.7.0, syncContent and updateSnapshotContentStatus).
const forget = `{"status":{"readyToUse":false,"snapshotHandle":null,"creationTime":null,"restoreSize":null}}`

// lookAgainAtContent makes the sidecar look: a change of an annotation does, a change of the status does not
// (external-snapshotter v8.7.0, ShouldEnqueueContentChange). The value differs each time.
func lookAgainAtContent() []byte {
	return fmt.Appendf(nil, `{"metadata":{"annotations":{"muster.dev/asked-again":%q}}}`, time.Now().Format(time.RFC3339Nano))
}

// RepeatCreateSnapshot makes the sidecar call CreateSnapshot again for a ready content and returns the content as it is then.
func (e *Env) RepeatCreateSnapshot(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) (*snapshotv1.VolumeSnapshotContent, error) {
	again := content.DeepCopy()
	if err := e.Client.Status().Patch(ctx, again, client.RawPatch(types.MergePatchType, []byte(forget))); err != nil {
		return nil, fmt.Errorf("empty the status of content %s: %w", content.Name, err)
	}
	if err := e.Client.Patch(ctx, again, client.RawPatch(types.MergePatchType, lookAgainAtContent())); err != nil {
		return nil, fmt.Errorf("make the sidecar look at content %s: %w", content.Name, err)
	}
	return Until(ctx, e.Cluster, again, timeouts.SnapshotReady, "be ready again",
		func(content *snapshotv1.VolumeSnapshotContent) (bool, string, error) {
			if content.Status == nil {
				return false, "no status", nil
			}
			status := content.Status
			seen := fmt.Sprintf("readyToUse %t, handle %q, error %q", ptr.Deref(status.ReadyToUse, false),
				ptr.Deref(status.SnapshotHandle, ""), errorText(status.Error))
			return ptr.Deref(status.ReadyToUse, false) && status.SnapshotHandle != nil, seen, nil
		})
}

// ReadySnapshots creates VolumeSnapshots of these names at the same time and waits until all of them are ready.
func (e *Env) ReadySnapshots(ctx context.Context, names []string, claim *corev1.PersistentVolumeClaim) ([]*snapshotv1.VolumeSnapshot, error) {
	snapshots := make([]*snapshotv1.VolumeSnapshot, len(names))
	failures := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { snapshots[i], failures[i] = e.ReadySnapshot(ctx, name, claim) })
	}
	all.Wait()
	return snapshots, errors.Join(failures...)
}

// LonghornSnapshot takes a snapshot of an attached volume without CSI and waits until it is ready.
func (e *Env) LonghornSnapshot(ctx context.Context, volume string) (*longhornv1beta2.Snapshot, error) {
	return e.LonghornSnapshotNamed(ctx, volume, uniqueName("by-hand"))
}

// LonghornSnapshotNamed is LonghornSnapshot with a name, which must be unique in the cluster.
func (e *Env) LonghornSnapshotNamed(ctx context.Context, volume, name string) (*longhornv1beta2.Snapshot, error) {
	snapshot, err := longhorn.CreateSnapshot(ctx, e.Client, volume, name)
	if err != nil {
		return nil, err
	}
	return Until(ctx, e.Cluster, snapshot, timeouts.SnapshotReady, "be ready",
		func(snapshot *longhornv1beta2.Snapshot) (bool, string, error) {
			return snapshot.Status.ReadyToUse, fmt.Sprintf("readyToUse %t, error %q", snapshot.Status.ReadyToUse, snapshot.Status.Error), nil
		})
}

// Contents lists the VolumeSnapshotContents of the spec's snapshots, also of deleted ones.
func (e *Env) Contents(ctx context.Context) ([]snapshotv1.VolumeSnapshotContent, error) {
	return leak.Contents(ctx, e.plain, e.Namespace)
}
