package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// Serial, because settings are those of the whole cluster.
var _ = Describe("lifecycle", Serial, Label("lifecycle", "settings"), func() {
	It("of a snapshot is put off while disable-snapshot-purge is on, and ends when that is off again",
		Label("clause:D-22"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			harness.Must(env.ReadySnapshot(ctx, "newer", claim)) // the newest one may stay in any case (clause D-21)
			behind := longhorn.SnapshotNamed("snapshot-" + string(snapshot.UID))

			Expect(env.UseSetting(ctx, "disable-snapshot-purge", "true")).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "Kubernetes' side does not wait")
			By("taking another snapshot, so that the driver has had its chance")
			harness.Must(env.ReadySnapshot(ctx, "newest", claim))
			kept := harness.Must(longhorn.Snapshot(ctx, env.Client, behind.Name))
			Expect(longhorn.Removed(kept)).To(BeTrue(), "Longhorn's snapshot is there and marked for removal")

			Expect(env.UseSetting(ctx, "disable-snapshot-purge", "false")).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, behind, timeouts.SnapshotPurged)).To(Succeed())
		})
})
