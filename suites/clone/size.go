package clone

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("clone", Label("clone"), func() {
	It("into a larger claim than the source stays Pending with OutOfRange",
		Label("clause:R-21"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			larger := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "larger", MiB: 128, Source: "source"}))
			harness.Must(env.StaysPending(ctx, larger, "code = OutOfRange"))
		})
})
