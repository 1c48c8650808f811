package bi

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("bi", Label("bi", "bi-delete"), func() {
	It("deleted takes its backing image along, and can be deleted after that was removed by hand",
		// longhorn/longhorn#6266: the VolumeSnapshot could not be deleted.
		Label("clause:D-10", "clause:D-11"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, _ := filled(ctx, env)
			one, image := export(ctx, env, "one", claim, "")
			two, other := export(ctx, env, "two", claim, "")
			content := harness.Must(env.ContentOf(ctx, two))

			Expect(env.DeleteSnapshot(ctx, one)).To(Succeed())
			Expect(env.WaitImageGone(ctx, image.Name)).To(Succeed())

			By("removing the second image by hand first")
			Expect(env.DeleteImage(ctx, other.Name)).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, two)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed(), "its content goes too")
		})

	It("in use by a volume keeps its backing image until the volume is gone, and is then deleted by itself",
		Label("clause:D-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, whole := filled(ctx, env)
			snapshot, image := export(ctx, env, "image", claim, "")
			content := harness.Must(env.ContentOf(ctx, snapshot))
			user := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "user", MiB: volumeMiB, Block: true, Snapshot: "image"}))

			By("deleting the VolumeSnapshot: the driver refuses, whatever its words are, which the sidecar does not show")
			Expect(env.Client.Delete(ctx, snapshot)).To(Succeed())
			Expect(env.WaitDeleteRefused(ctx, content)).To(Succeed())
			behind := harness.Must(longhorn.Image(ctx, env.Client, image.Name))
			Expect(longhorn.ImageReady(behind)).To(BeTrue(), "the image is still ready")
			pod := harness.Must(env.StartPod(ctx, "user-reader", user))
			haveSum(ctx, pod, volumeMiB, whole, "the volume that uses it")

			By("deleting the volume: the image follows")
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.DeleteClaim(ctx, user)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
			Expect(env.WaitImageGone(ctx, image.Name)).To(Succeed())
		})

	It("stays when its source volume is deleted, and can be deleted then",
		Label("clause:D-27", "clause:D-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, pod, whole := filled(ctx, env)
			snapshot, image := export(ctx, env, "image", claim, "")
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.DeleteClaim(ctx, claim)).To(Succeed())
			reader := restored(ctx, env, "restored", "image", volumeMiB)
			haveSum(ctx, reader, volumeMiB, whole, "the restore")
			Expect(reader.Stop(ctx)).To(Succeed())
			Expect(env.DeleteClaim(ctx, harness.Must(env.Claim(ctx, "restored")))).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitImageGone(ctx, image.Name)).To(Succeed())
		})
})
