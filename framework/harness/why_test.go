package harness

import (
	"testing"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

func TestOnlyWhatShouldHaveBeenIsExplained(t *testing.T) {
	var c Cluster // without a connection: to look at anything would fail
	for _, budget := range []timeouts.Budget{timeouts.SnapshotRefused, timeouts.ClaimRefused, timeouts.BackupFailed, timeouts.ImageFailed} {
		if got := c.explain(t.Context(), kube.Ref{Resource: kube.Pods, Namespace: "ns", Name: "a"}, budget); got != "" {
			t.Errorf("the wait of timeouts.%s for a refusal is explained: %q", budget.Name, got)
		}
	}
	if got := c.explain(t.Context(), kube.Ref{Resource: kube.Deployments, Namespace: "ns", Name: "a"}, timeouts.AddonReady); got != "" {
		t.Errorf("a Deployment is explained: %q", got)
	}
}
