package lifecycle

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("lifecycle", Label("lifecycle"), func() {
	It("of a snapshot with policy Retain goes on after its VolumeSnapshot and content are deleted: it can be imported again",
		Label("clause:S-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			class := harness.Must(env.CreateSnapClass(ctx, "snap", snapshotv1.VolumeSnapshotContentRetain))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, class))
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			content := harness.Must(env.ContentOf(ctx, snapshot))
			handle := *content.Status.SnapshotHandle
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

			By("deleting the VolumeSnapshot: the content stays")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			kept := harness.Must(env.Contents(ctx))
			Expect(kept).To(HaveLen(1))
			Expect(kept[0].DeletionTimestamp).To(BeNil(), "the content is not being deleted")

			By("deleting the content: Longhorn's snapshot stays")
			Expect(env.Client.Delete(ctx, content)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
			behind := harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(snapshot.UID)))
			Expect(longhorn.Removed(behind)).To(BeFalse(), "Longhorn's snapshot is not marked for removal")

			By("importing it again by its handle")
			harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeFilesystem))
			restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "imported"}))
			reader := harness.Must(env.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
		})
})
