package bi

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// roundTrip exports a volume in a format and compares a volume that begins with the image.
func roundTrip(ctx SpecContext, format string) {
	env := harness.Begin(ctx)
	claim, pod, whole := filled(ctx, env)
	class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bi", "export-type": format}))
	export(ctx, env, "image", claim, class)
	harness.Must(pod.Write(ctx, workload.Content{Seed: 3, OffsetMiB: 2, MiB: 16}))
	haveSum(ctx, restored(ctx, env, "restored", "image", volumeMiB), volumeMiB, whole, "the restore")

	By("deleting the source and restoring once more")
	Expect(pod.Stop(ctx)).To(Succeed())
	Expect(env.DeleteClaim(ctx, claim)).To(Succeed())
	haveSum(ctx, restored(ctx, env, "restored-later", "image", volumeMiB), volumeMiB, whole, "the restore after the source is gone")
}

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	DescribeTable("restores the content of the whole volume, whatever was written since and when the source is gone, from",
		roundTrip, Label("clause:R-45", "clause:D-27"),
		Entry("raw", SpecTimeout(timeouts.Spec), "raw"),
		Entry("qcow2", SpecTimeout(timeouts.Spec), "qcow2"),
	)

	It("restores a file system with its files",
		Label("clause:R-45"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: volumeMiB}))
			pod := harness.Must(env.StartPod(ctx, "source-user", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			export(ctx, env, "image", claim, "")
			copied := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Snapshot: "image"}))
			reader := harness.Must(env.StartPod(ctx, "reader", copied))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the restored file")
		})

	// longhorn/longhorn#6899: an image of a volume that begins with an image lost what lies below.
	It("gives every volume its own copy, and an image of such a volume has both what it began with and what was written since",
		Label("clause:R-45"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, whole := filled(ctx, env)
			export(ctx, env, "image", claim, "")
			one := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "one", MiB: volumeMiB, Block: true, Snapshot: "image"}))
			writer := harness.Must(env.StartPod(ctx, "one-user", one))
			harness.Must(writer.Write(ctx, workload.Content{Seed: 4, OffsetMiB: 4, MiB: 24}))
			changed := wholeOf(ctx, writer)

			haveSum(ctx, restored(ctx, env, "two", "image", volumeMiB), volumeMiB, whole, "another volume from the image")
			export(ctx, env, "image-of-one", one, "")
			haveSum(ctx, restored(ctx, env, "three", "image-of-one", volumeMiB), volumeMiB, changed, "a volume from the second image")
		})
})
