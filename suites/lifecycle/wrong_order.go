package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("lifecycle", Label("lifecycle"), func() {
	It("of a snapshot ends well when Longhorn's snapshot is deleted behind the back of Kubernetes",
		Label("clause:D-05"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			content := harness.Must(env.ContentOf(ctx, snapshot))

			By("deleting Longhorn's snapshot, and taking another so that the first need not be kept")
			behind := longhorn.SnapshotNamed("snapshot-" + string(snapshot.UID))
			Expect(env.Client.Delete(ctx, behind)).To(Succeed())
			harness.Must(env.ReadySnapshot(ctx, "next", claim))
			Expect(harness.UntilGone(ctx, env.Cluster, behind, timeouts.SnapshotPurged)).To(Succeed())

			By("deleting the VolumeSnapshot")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
		})

	It("of a snapshot ends well when its content is deleted before its VolumeSnapshot",
		Label("clause:D-04", "clause:S-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			content := harness.Must(env.ContentOf(ctx, snapshot))

			By("deleting the content: it is protected while its VolumeSnapshot exists")
			Expect(env.Client.Delete(ctx, content)).To(Succeed())
			harness.Must(env.ContentOf(ctx, snapshot))
			behind := harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(snapshot.UID)))
			Expect(longhorn.Removed(behind)).To(BeFalse(), "Longhorn's snapshot is not marked for removal")

			By("deleting the VolumeSnapshot: now both go, and Longhorn's snapshot with them")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
			Expect(env.WaitPurged(ctx, behind.Name)).To(Succeed())
		})
})
