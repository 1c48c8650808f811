// Package limits holds the specs about what a driver must refuse, and in which words.
package limits

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("limits", Label("limits"), func() {
	It("keep a restore of another size than the snapshot Pending, and a corrected claim binds",
		Label("clause:R-11"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))

			By("claiming less than the snapshot's restoreSize: the provisioner refuses")
			smaller := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "smaller", MiB: 32, Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, smaller, fmt.Sprintf("requested volume size %d is less than the size %d", 32<<20, 64<<20)))

			By("claiming more than the source has: the driver refuses")
			larger := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "larger", MiB: 128, Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, larger, "code = Internal", "is different than size of source volume",
				fmt.Sprintf("(%d bytes)", 128<<20), fmt.Sprintf("(%d bytes)", 64<<20)))

			By("claiming the right size instead")
			Expect(env.DeleteClaim(ctx, larger)).To(Succeed())
			corrected := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "larger", MiB: 64, Snapshot: "snapshot"}))
			reader := harness.Must(env.StartPod(ctx, "reader", corrected))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
		})
})
