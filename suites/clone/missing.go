package clone

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("clone", Label("clone"), func() {
	It("of a claim that does not exist stays Pending and is made when there is one, and of a volume that is gone stays Pending with NotFound",
		Label("api", "clause:R-20"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			waiting := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "waiting", MiB: 64, Source: "source"}))
			harness.Must(env.StaysPending(ctx, waiting, "source", "not found"))

			By("creating the claim")
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", source))
			harness.Must(env.WaitRestored(ctx, waiting))

			By("deleting the volume behind the claim, without Kubernetes")
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, source)).To(Succeed())
			volume := longhorn.VolumeNamed(harness.Must(env.HandleOf(ctx, source)))
			Expect(env.Client.Delete(ctx, volume)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, volume, timeouts.VolumeDeleted)).To(Succeed())
			late := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "late", MiB: 64, Source: "source"}))
			harness.Must(env.StaysPending(ctx, late, "code = NotFound", "source volume", "is not found"))
		})
})
