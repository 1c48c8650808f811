package backupstore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Serial, because before Longhorn 1.8 there is one backup target, which all volumes of the cluster share.
var _ = Describe("backupstore", Serial, Label("backupstore", "settings", "before:B-28"), func() {
	It("before Longhorn 1.8 keeps a backup out while another cluster deletes, and a deletion while it restores, until their locks have expired",
		Label("clause:B-10"), SpecTimeout(timeouts.Spec), lockedByOthers)

	It("before Longhorn 1.8 is used by an address with bucket and path only: any other is refused at once, or the target is not available and says why",
		Label("clause:B-21", "clause:B-25"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			target := harness.Must(env.CreateTarget(ctx, nil))
			for name, url := range wrongAddresses(env) {
				// From a good address each time: else one that is accepted would not show.
				Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
				Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
				if err := env.SetTargetURL(ctx, target, url); err != nil {
					AddReportEntry(name+" is refused at once", err.Error())
					continue
				}
				AddReportEntry(name+" makes the target unavailable", harness.Must(env.WaitUnavailable(ctx, target.Name)))
			}
			Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
		})
})
