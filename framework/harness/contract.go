package harness

import (
	"cmp"
	"context"
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/muster-csi/muster/framework/contract"
)

// skipOutOfScope skips a spec whose labels say that it is about other releases than the run asks for.
func (c *Cluster) skipOutOfScope(labels []string) {
	ginkgo.GinkgoHelper()
	if why := c.contract.OutOfScope(labels, c.Config.Contract); why != "" {
		ginkgo.AddReportEntry(contract.OtherRelease, why, ginkgo.ReportEntryVisibilityNever)
		ginkgo.Skip(fmt.Sprintf("not for Longhorn %s: %s", c.Config.Contract, why))
	}
}

// NeedsContract skips the spec when the run asks for the behaviour of a Longhorn older than since. Where a
// clause says so, the labels of the spec do this by themselves.
func (e *Env) NeedsContract(since, because string) {
	ginkgo.GinkgoHelper()
	if !e.Follows(since) {
		ginkgo.Skip(fmt.Sprintf("needs the contract of Longhorn %s or later, this run asks for %s: %s", since, e.Config.Contract, because))
	}
}

// Follows reports whether the run, or the spec itself, asks for the behaviour of that Longhorn or a later one.
func (e *Env) Follows(since string) bool {
	ginkgo.GinkgoHelper()
	return Must(parseVersion(cmp.Or(e.chosen, e.Config.Contract))).atLeast(Must(parseVersion(since)))
}

// UseBefore makes the driver behave as a Longhorn older than since, for the length of the spec, where the
// run does not ask for such a one anyway. Only Serial specs may call it.
func (e *Env) UseBefore(ctx context.Context, since string) error {
	v, err := parseVersion(since)
	if err != nil || !e.Follows(since) {
		return err
	}
	return e.UseContract(ctx, fmt.Sprintf("%d.%d", v.major, v.minor-1))
}
