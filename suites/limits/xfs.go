package limits

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("limits", Label("limits"), func() {
	// longhorn/longhorn#8488: mkfs.xfs failed on the node, for ever.
	It("keep a new xfs claim below 300 MiB Pending, but neither a restore nor a clone of that size",
		Label("clause:V-05"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			fresh := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "fresh", MiB: 64, Class: harness.ClassXFS}))
			harness.Must(env.StaysPending(ctx, fresh, "smaller than", "314572800"))

			By("making one of the same size and class from a snapshot and from another claim")
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", source))
			for _, from := range []harness.Claim{{Name: "restored", Snapshot: "snapshot"}, {Name: "cloned", Source: "source"}} {
				from.MiB, from.Class = 64, harness.ClassXFS
				_, err := env.RestoredClaim(ctx, from)
				Expect(err).NotTo(HaveOccurred(), "the %s claim", from.Name)
			}
		})

	It("before Longhorn 1.6.3 bind a new xfs claim below 300 MiB, which no pod can use",
		Label("before:V-05"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			fresh := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "fresh", MiB: 64, Class: harness.ClassXFS}))
			AddReportEntry("the pod: " + harness.Must(env.NeverStarts(ctx, "user", fresh, "300MB")))
		})
})
