package snap

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("snap", Label("snap"), func() {
	It("asked for again under the same name answers the same handle, creationTime and restoreSize",
		Label("clause:C-20", "clause:S-03"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 4}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			first := harness.Must(env.ContentOf(ctx, snapshot))

			By("changing the volume and making the sidecar forget the answer, so that it calls CreateSnapshot again")
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))
			again := harness.Must(env.RepeatCreateSnapshot(ctx, first))

			Expect(again.Status.SnapshotHandle).To(Equal(first.Status.SnapshotHandle), "same handle")
			Expect(again.Status.CreationTime).To(Equal(first.Status.CreationTime), "same creationTime")
			Expect(again.Status.RestoreSize).To(Equal(first.Status.RestoreSize), "same restoreSize")
			snapshots := harness.Must(longhorn.SnapshotsOf(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim))))
			Expect(snapshots).To(HaveLen(1), "no second Longhorn Snapshot of the volume")
		})
})
