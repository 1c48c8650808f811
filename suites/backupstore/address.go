package backupstore

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/s3"
)

// wrongAddresses are those that no target may have, by what is wrong with them.
func wrongAddresses(env *harness.Env) map[string]string {
	return map[string]string{
		"pathless":   fmt.Sprintf("s3://%s@%s", backupstore.Bucket, s3.Region),
		"bucketless": fmt.Sprintf("s3://@%s/%s/", s3.Region, env.Namespace),
		"comma":      harness.TargetURL(env.Namespace + "/a,b/"),
		"dollar":     harness.TargetURL(env.Namespace + "/$a/"),
	}
}

var _ = Describe("backupstore", Label("backupstore"), func() {
	It("is used by an address with bucket and path only: any other is refused at once, or its target is not available and says why",
		Label("clause:B-21", "clause:B-25", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			good, refusal, err := env.Address(ctx, "good", harness.TargetURL(env.Namespace+"/good/"))
			Expect(err).NotTo(HaveOccurred())
			Expect(refusal).To(BeEmpty(), "a good address")

			accepted := map[string]string{}
			for name, url := range wrongAddresses(env) {
				target, refusal, err := env.Address(ctx, name, url)
				Expect(err).NotTo(HaveOccurred())
				if refusal == "" {
					accepted[target] = url
					continue
				}
				AddReportEntry(url+" is refused at once", refusal)
			}
			for target, url := range accepted {
				why, err := env.WaitUnavailable(ctx, target)
				Expect(err).NotTo(HaveOccurred(), "the target with the address %s", url)
				AddReportEntry(url+" makes the target unavailable", why)
			}
			Expect(env.WaitAvailable(ctx, good)).To(Succeed())
		})
})
