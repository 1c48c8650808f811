package gate

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/report"
)

// Report is a report as the gate looks at it. nil Leaks and Operations mean that the
// report does not say.
type Report report.Report

// ReadReport loads a report. Keys that this build does not know are passed over, so
// that reports of older and newer builds can be compared; report.Read is strict. A
// file that is none is an error that says so.
func ReadReport(path string) (*Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	var r Report
	if err := yaml.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s is not a report: %w", path, err)
	}
	if r.APIVersion != report.APIVersion || r.Kind != report.Kind {
		return nil, fmt.Errorf("%s is not a report: it is %q of %q, want %s of %s as muster e2e writes it",
			path, r.Kind, r.APIVersion, report.Kind, report.APIVersion)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("the report %s is damaged: %w", path, err)
	}
	return &r, nil
}

// check refuses results that the gate does not know: it would take them for
// neither good nor bad.
func (r *Report) check() error {
	if len(r.Specs) == 0 {
		return errors.New("it has no specs")
	}
	if !slices.Contains([]report.Verdict{report.Passed, report.Failed, report.Interrupted}, r.Verdict) {
		return fmt.Errorf("its verdict is %q", r.Verdict)
	}
	results := []report.Result{report.SpecPassed, report.SpecFlaky, report.SpecFailed, report.SpecSkipped, report.SpecInterrupted}
	for _, spec := range r.Specs {
		if !slices.Contains(results, spec.Result) {
			return fmt.Errorf("the result of its spec %q is %q", spec.Name, spec.Result)
		}
	}
	return nil
}
