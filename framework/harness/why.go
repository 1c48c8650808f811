package harness

import (
	"context"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/why"
)

// whyEntry is the report entry that holds the chain from an object to the cause of a wait in vain.
const whyEntry = "why"

// expected are the budgets of waits for a refusal or failure: that it does not come has no cause in the cluster.
var expected = []timeouts.Budget{timeouts.SnapshotRefused, timeouts.ClaimRefused, timeouts.BackupFailed, timeouts.ImageFailed}

// explain looks for the cause of a wait in vain and puts the chain that leads to it into the spec's report. It returns ""
// for what it knows nothing of, for an object that is ready, in which case the wait was for something else, and
// when it cannot look, which must not hide that the wait was in vain.
func (c *Cluster) explain(ctx context.Context, ref kube.Ref, budget timeouts.Budget) string {
	subject, known := why.SubjectOf(ref.Resource.GroupResource(), ref.Namespace, ref.Name)
	if !known || slices.ContainsFunc(expected, func(e timeouts.Budget) bool { return e.Name == budget.Name }) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Why)
	defer cancel()
	chain, err := why.Look(ctx, why.Source{Client: c.plain, Tail: c.Kube.Tail}, subject)
	if err != nil {
		noteWhy("cannot tell why " + subject.String() + " is not as awaited: " + err.Error())
		return ""
	}
	noteWhy(chain.String())
	return chain.Cause
}

// noteWhy adds a chain to the running spec's report; there is none while the suite is set up.
func noteWhy(text string) {
	if ginkgo.CurrentSpecReport().LeafNodeType.Is(types.NodeTypeIt) {
		ginkgo.AddReportEntry(whyEntry, text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
}

// whyText is every chain that was put into the running spec's report.
func whyText() string {
	var chains []string
	for _, entry := range ginkgo.CurrentSpecReport().ReportEntries {
		if entry.Name == whyEntry {
			chains = append(chains, entry.StringRepresentation())
		}
	}
	return strings.Join(chains, "\n")
}
