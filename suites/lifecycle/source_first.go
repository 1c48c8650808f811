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
	It("of a source may end before its snapshot: the snapshot's data is gone, and the VolumeSnapshot can be deleted",
		Label("clause:D-27", "clause:D-06", "clause:R-15"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			content := harness.Must(env.ContentOf(ctx, snapshot))

			By("deleting the source while the snapshot exists")
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.DeleteClaim(ctx, claim)).To(Succeed())
			behind := longhorn.SnapshotNamed("snapshot-" + string(snapshot.UID))
			Expect(harness.UntilGone(ctx, env.Cluster, behind, timeouts.SnapshotPurged)).To(Succeed(), "Longhorn's snapshot is owned by the volume")

			By("restoring from the snapshot, which cannot work")
			restored := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, restored, "code = Internal", "not found"))
			Expect(env.DeleteClaim(ctx, restored)).To(Succeed())

			By("deleting the snapshot")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
		})
})
