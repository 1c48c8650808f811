package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

// Report is what the gate looks at in a report. Keys that it does not know are
// passed over, so that reports of older and newer builds can be compared.
type Report struct {
	APIVersion     string                `json:"apiVersion"`
	Kind           string                `json:"kind"`
	Date           time.Time             `json:"date"`
	Implementation report.Implementation `json:"implementation"`
	Verdict        report.Verdict        `json:"verdict"`
	Run            Run                   `json:"run"`
	Restarts       []report.Restart      `json:"restarts"`
	// Leaks are what was left behind. nil means that the report does not say.
	Leaks []Leak `json:"leaks"`
	// Quirks are the observations of the specs, in words.
	Quirks []Quirk `json:"quirks"`
	// Operations are how long things took; none when nobody measured.
	Operations []Operation `json:"operations"`
	Clauses    Clauses     `json:"clauses"`
	Specs      []Spec      `json:"specs"`
}

// Run is how the suite was started.
type Run struct {
	Focus     string `json:"focus"`
	Labels    string `json:"labels"`
	Processes int    `json:"processes"`
}

// Clauses sorts clauses by what the specs showed, as report.Clauses does.
type Clauses struct {
	Met        []Clause `json:"met"`
	Violated   []Clause `json:"violated"`
	Observed   []Clause `json:"observed"`
	NotRun     []Clause `json:"notRun"`
	NotCovered []Clause `json:"notCovered"`
}

// Clause is one clause in a report.
type Clause struct {
	ID string `json:"id"`
	// Class is "" in reports that do not say it.
	Class    contract.Class `json:"class"`
	Sentence string         `json:"sentence"`
	// Specs are the names of the specs that failed.
	Specs []string `json:"specs"`
	Note  string   `json:"note"`
}

// Spec is one spec in a report.
type Spec struct {
	Name    string        `json:"name"`
	Clauses []string      `json:"clauses"`
	Result  report.Result `json:"result"`
	// Attempts is how often it ran until the result stood, 0 when it never
	// did or the report does not say.
	Attempts int    `json:"attempts"`
	Message  string `json:"message"`
}

// Quirk is what one spec observed where the contract prescribes nothing.
type Quirk struct {
	Clause      string `json:"clause"`
	Observation string `json:"observation"`
}

// Operation is how long one thing took, in seconds over a whole run.
type Operation struct {
	Name string `json:"name"`
	// Source is who measured it, for example csi.
	Source     string  `json:"source"`
	Count      int     `json:"count"`
	P50Seconds float64 `json:"p50Seconds"`
	P95Seconds float64 `json:"p95Seconds"`
}

// Leak is something that was left behind. It is written as a text or as an
// object with a name.
type Leak struct {
	Name string `json:"name"`
}

// UnmarshalJSON reads either form.
func (l *Leak) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &l.Name) == nil {
		return nil
	}
	type plain Leak
	return json.Unmarshal(data, (*plain)(l))
}

// ReadReport loads a report. A file that is none is an error that says so.
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
	results := []report.Result{report.SpecPassed, report.SpecFailed, report.SpecSkipped, report.SpecInterrupted}
	for _, spec := range r.Specs {
		if !slices.Contains(results, spec.Result) {
			return fmt.Errorf("the result of its spec %q is %q", spec.Name, spec.Result)
		}
	}
	return nil
}
