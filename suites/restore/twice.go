package restore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore"), func() {
	It("of one snapshot works several times, and what one restore writes shows in no other",
		Label("clause:R-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))

			By("restoring twice")
			first := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "first", MiB: 64, Snapshot: "snapshot"}))
			second := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "second", MiB: 64, Snapshot: "snapshot"}))

			By("writing to the first restore")
			writer := harness.Must(env.StartPod(ctx, "first", first))
			Expect(writer.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "content of the first restore")
			harness.Must(writer.Write(ctx, workload.Content{Seed: 3, MiB: 8}))

			By("reading the second restore, and one made after the write")
			reader := harness.Must(env.StartPod(ctx, "second", second))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "content of the second restore")
			third := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "third", MiB: 64, Snapshot: "snapshot"}))
			late := harness.Must(env.StartPod(ctx, "third", third))
			Expect(late.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "content of a restore made after the first was written to")
		})
})
