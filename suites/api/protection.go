package api

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("api", Label("api", clusterLabel), func() {
	It("keeps a claim that was deleted while a snapshot of it is being taken, until the snapshot is given up",
		Label("clause:A-16"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			class := harness.Must(env.CreateSnapClass(ctx, "unknown", snapshotv1.VolumeSnapshotContentDelete))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, class))
			harness.Must(env.WaitRefused(ctx, snapshot))
			Expect(env.WaitFinalizer(ctx, claim, harness.ClaimIsSource)).To(Succeed())

			By("deleting the claim, and waiting until the snapshot was tried again")
			Expect(env.Client.Delete(ctx, claim.DeepCopy())).To(Succeed())
			Expect(env.WaitAskedAgain(ctx, snapshot)).To(Succeed())
			Expect(env.IsKept(ctx, claim, harness.ClaimIsSource)).To(Succeed())

			By("deleting the VolumeSnapshot")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, claim, timeouts.VolumeDeleted)).To(Succeed())
		})

	It("keeps a VolumeSnapshot that was deleted while a claim is made from it, until the claim is given up",
		Label("clause:A-17"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := source(ctx, env)
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			Expect(env.WaitFinalizer(ctx, snapshot, harness.SnapshotIsSource)).To(Succeed())
			pending := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "pending", MiB: 32, Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, pending, "is less than the size"))

			By("deleting the VolumeSnapshot while the claim is Pending")
			Expect(env.Client.Delete(ctx, snapshot.DeepCopy())).To(Succeed())
			Expect(env.WaitDeletePending(ctx, snapshot)).To(Succeed())
			Expect(env.IsKept(ctx, snapshot, harness.SnapshotIsSource)).To(Succeed())
			Expect(env.ContentOf(ctx, snapshot)).Error().NotTo(HaveOccurred(), "its content is there")

			By("deleting the claim")
			Expect(env.DeleteClaim(ctx, pending)).To(Succeed())
			Expect(env.Touch(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, snapshot, timeouts.SnapshotDeleted)).To(Succeed())
		})
})
