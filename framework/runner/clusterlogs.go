package runner

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/muster-csi/muster/framework/report"
)

// clusterLogs is where in the output the logs of the cluster's own parts lie when
// specs failed.
const clusterLogs = "cluster"

// collect copies the logs of the cluster's own parts beside the evidence of failed
// specs, before anything is taken down.
func (e *e2e) collect(ctx context.Context) {
	if e.result == nil || !slices.ContainsFunc(e.result.Specs, func(spec report.Spec) bool { return spec.Result == report.SpecFailed }) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := e.session.ExportLogs(ctx, filepath.Join(e.dir, clusterLogs)); err != nil {
		e.terminal.Note("not all logs of the cluster could be kept: %v", err)
	}
}
