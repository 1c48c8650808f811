package limits

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("limits", Label("limits"), func() {
	DescribeTable("refuse a class with an unknown type, and the refused VolumeSnapshot can be deleted, type",
		func(ctx SpecContext, unknown string) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			harness.Must(env.StartPod(ctx, "user", claim))
			class := harness.Must(env.CreateSnapClass(ctx, unknown, snapshotv1.VolumeSnapshotContentDelete))

			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, class))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = InvalidArgument",
				"invalid CSI snapshot type: "+unknown, `Must be snap or bak or`))
			volume := harness.Must(env.HandleOf(ctx, claim))
			Expect(longhorn.SnapshotsOf(ctx, env.Client, volume)).To(BeEmpty(), "no snapshot was taken")

			By("deleting the refused VolumeSnapshot")
			contents := harness.Must(env.Contents(ctx))
			Expect(contents).To(HaveLen(1))
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, &contents[0], timeouts.SnapshotDeleted)).To(Succeed())
		},
		Label("clause:C-05", "clause:S-06"),
		Entry("foo", SpecTimeout(timeouts.Spec), "foo"),
		Entry("bi, before Longhorn 1.5", Label("before:C-04"), SpecTimeout(timeouts.Spec), "bi"),
		Entry("SNAP, because types are case-sensitive", SpecTimeout(timeouts.Spec), "SNAP"),
	)
})
