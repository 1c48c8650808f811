// Package expand holds the specs about volumes that grow, and what that means for snapshots.
package expand

import (
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("expand", Label("expand"), func() {
	It("of an ext4 volume that no pod uses gives the next pod the new size",
		Label("clause:I-09", "clause:I-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "volume", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "before", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 16}))
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			harness.Must(env.Expand(ctx, claim, 128))
			pod = harness.Must(env.StartPod(ctx, "after", claim))
			harness.Must(env.WaitGrown(ctx, claim, 128))
			Expect(pod.Sum(ctx, workload.Content{})).To(Equal(written), "content from before")
			Expect(pod.Write(ctx, workload.Content{Seed: 2, MiB: 90})).Error().NotTo(HaveOccurred(), "more fits than the old size")
		})

	It("before Longhorn 1.4 waits until no pod uses the volume",
		Label("before:I-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "volume", MiB: 64, Block: true}))
			pod := harness.Must(env.StartPod(ctx, "before", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 16}))
			harness.Must(env.Expand(ctx, claim, 128))
			harness.Must(env.WaitExpandRefused(ctx, claim, "FailedPrecondition"))

			Expect(pod.Stop(ctx)).To(Succeed())
			pod = harness.Must(env.StartPod(ctx, "after", harness.Must(env.WaitGrown(ctx, claim, 128))))
			Expect(pod.Sum(ctx, workload.Content{MiB: 16})).To(Equal(written), "content from before")
			Expect(pod.Write(ctx, workload.Content{Seed: 2, MiB: 128})).Error().NotTo(HaveOccurred(), "more fits than the old size")
		})

	DescribeTable("while a pod uses the volume gives the pod the new size, on",
		func(ctx SpecContext, volume harness.Claim, newMiB, write int64) {
			env := harness.Begin(ctx)
			volume.Name = "volume"
			claim := harness.Must(env.BoundClaim(ctx, volume))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 16}))

			harness.Must(env.Expand(ctx, claim, newMiB))
			_, err := env.WaitGrown(ctx, claim, newMiB)
			if errors.Is(err, harness.ErrHostCannotGrow) {
				Skip(harness.ErrHostCannotGrow.Error())
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(pod.Sum(ctx, workload.Content{MiB: 16})).To(Equal(written), "content from before")
			Expect(pod.Write(ctx, workload.Content{Seed: 2, MiB: write})).Error().NotTo(HaveOccurred(), "more fits than the old size")
		},
		Label("clause:I-09", "clause:I-10"),
		Entry("xfs", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 320, Class: harness.ClassXFS}, int64(448), int64(330)),
		Entry("ext4", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64}, int64(128), int64(90)),
		Entry("a raw block device", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64, Block: true}, int64(128), int64(128)),
	)
})
