package restore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore"), func() {
	It("works while nothing uses the source, and leaves the source detached",
		Label("clause:R-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "snapshot"}))
			reader := harness.Must(env.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())
		})
})
