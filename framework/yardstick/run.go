package yardstick

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Names of the files of a yardstick in its folder.
const (
	resultFile = "ginkgo.json"
	outputFile = "output.log"
)

// Setting is where yardsticks are run.
type Setting struct {
	// Cluster has the driver.
	Cluster *harness.Cluster
	// Binary returns the path of a component's program, Version its version.
	Binary, Version func(component string) string
	// Dir is the report's folder; a yardstick's output goes into yardsticks/<name> in it.
	Dir string
	// Processes is how many cases may run at the same time where a suite can do that.
	Processes int
	// Withheld reports whether the nodes' kernel withholds a capability, such as SysResource.
	Withheld func(capability string) bool
	// Execute runs a program of this machine and ends it with all its children when
	// ctx ends. That it fails is no error: the result is in its files.
	Execute func(ctx context.Context, cmd *exec.Cmd) error
}

// suite runs a yardstick's program until all cases have ended, and leaves the
// result and the output in dir. A case that fails is no error.
type suite func(ctx context.Context, d Definition, s Setting, dir string) error

var suites = map[string]suite{"csi-sanity": runSanity, "storage-e2e": runStorage}

// Run runs one yardstick and checks that it left nothing. What keeps it from a
// result is in the row.
func Run(ctx context.Context, d Definition, s Setting) report.Yardstick {
	began := time.Now()
	d = d.here(s.Withheld)
	row := d.row(s)
	for _, err := range d.run(ctx, s, &row) {
		if err != nil {
			row.Trouble = append(row.Trouble, err.Error())
		}
	}
	row.Seconds = float64(time.Since(began).Milliseconds()) / 1000
	row.Result = resultOf(ctx, row)
	return row
}

// row is what is known before anything has run.
func (d Definition) row(s Setting) report.Yardstick {
	row := report.Yardstick{
		Name: d.Name, Version: s.Version(d.Program), About: d.About, Output: filepath.Join("yardsticks", d.Name),
		Failures: []report.YardstickFailure{}, Skipped: []report.YardstickSkip{}, Exclusions: []report.YardstickExclusion{},
	}
	for _, e := range d.Excluded {
		row.Exclusions = append(row.Exclusions, report.YardstickExclusion{Case: e.Case, Because: e.Because, Clauses: e.Clauses, Reason: e.Reason})
	}
	return row
}

// run fills the row; the errors, some of which may be nil, are what went wrong.
func (d Definition) run(ctx context.Context, s Setting, row *report.Yardstick) []error {
	program, ok := suites[d.Name]
	if !ok {
		return []error{fmt.Errorf("nobody has said how to run %s", d.Name)}
	}
	dir := filepath.Join(s.Dir, row.Output)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return []error{fmt.Errorf("make the folder for the output of %s: %w", d.Name, err)}
	}
	before, err := s.Cluster.Rest(ctx)
	if err != nil {
		return []error{fmt.Errorf("look at what there is before %s: %w", d.Name, err)}
	}
	running, cancel := context.WithTimeoutCause(ctx, timeouts.Yardstick, fmt.Errorf("%s took longer than %s (timeouts.Yardstick)", d.Name, timeouts.Yardstick))
	defer cancel()
	err = program(running, d, s, dir)
	return []error{err, context.Cause(running), d.read(filepath.Join(dir, resultFile), row), s.nothingLeft(ctx, before)}
}

// nothingLeft waits until there is only what there was before.
func (s Setting) nothingLeft(ctx context.Context, before leak.Rest) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeouts.YardstickEnd)
	defer cancel()
	return s.Cluster.WaitNothingLeft(ctx, before)
}

// resultOf judges a row whose run has ended.
func resultOf(ctx context.Context, row report.Yardstick) report.YardstickResult {
	switch {
	case ctx.Err() != nil:
		return report.YardstickInterrupted
	case row.Totals.Failed > 0 || row.Totals.Passed == 0 || len(row.Trouble) > 0:
		return report.YardstickFailed
	}
	return report.YardstickPassed
}
