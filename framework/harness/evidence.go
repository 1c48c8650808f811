package harness

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/evidence"
	"github.com/muster-csi/muster/framework/logs"
	"github.com/muster-csi/muster/framework/timeouts"
)

// evidenceEntry is the report entry that holds the path of a failed spec's evidence.
const evidenceEntry = "evidence"

// writeEvidence collects what explains a failure into the spec's folder. What fails after that, such as the cleanup,
// is only added to the failure: the world is another one by then. A failure to write is reported and hides nothing.
func (e *Env) writeEvidence(ctx context.Context, why string) {
	if e.evidence != "" {
		if err := evidence.AddFailure(e.evidence, why); err != nil {
			ginkgo.AddReportEntry("evidence is incomplete", err.Error())
		}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Evidence)
	defer cancel()
	e.evidence = evidenceDir(e.Config.OutputDir, e.Spec, ginkgo.CurrentSpecReport().NumAttempts)
	err := evidence.Collect(ctx, evidence.Source{
		Client: e.plain, Namespace: e.Namespace, Since: e.Began, Logs: e.logs, Report: why, Why: whyText(),
	}, e.evidence)
	if err != nil {
		ginkgo.AddReportEntry("evidence is incomplete", err.Error())
	}
	ginkgo.AddReportEntry(evidenceEntry, e.evidence, ginkgo.ReportEntryVisibilityFailureOrVerbose)
}

// evidenceDir is the folder for one attempt of a spec: a second one must not hide why the first failed.
func evidenceDir(output, spec string, attempt int) string {
	name := slug(spec, 120)
	if attempt > 1 {
		name = fmt.Sprintf("%s-attempt-%d", name, attempt)
	}
	return filepath.Join(output, "failed", name)
}

// failureText is all that a spec has said so far of why it fails.
func failureText(report types.SpecReport) string {
	all := []string{report.FailureMessage()}
	for _, more := range report.AdditionalFailures {
		all = append(all, more.Failure.Message)
	}
	return strings.Join(all, "\n\n")
}

// logs are those of driver and sidecars since then. Of pods that are gone there is what the runner has kept, if it does.
func (e *Env) logs(ctx context.Context, since time.Time) (map[string][]byte, error) {
	all, err := logs.Read(filepath.Join(e.Config.OutputDir, logs.Dir), since)
	if err != nil {
		return nil, err
	}
	now, err := e.Target.Logs(ctx, since)
	maps.Copy(all, now)
	return all, err
}
