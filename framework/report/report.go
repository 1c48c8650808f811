// Package report says how a run of the suite ended: as a file that a program
// reads (Report), and on the terminal for a person. It runs nothing.
package report

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// APIVersion and Kind mark a report file of this form. The form may still
// change while the version says alpha.
const (
	APIVersion = "muster-csi.github.io/v1alpha1"
	Kind       = "ConformanceReport"
)

// Report is a statement on one driver in one cluster: who was examined, by
// which specs, with which result. Its YAML is strict: reading back an unknown
// key is an error.
type Report struct {
	// APIVersion is the form of this file; see the constant.
	APIVersion string `json:"apiVersion"`
	// Kind is always ConformanceReport.
	Kind string `json:"kind"`
	// Date is when the first spec started, in UTC.
	Date time.Time `json:"date"`
	// Implementation is the driver under test.
	Implementation Implementation `json:"implementation"`
	// Verdict is the result as a whole.
	Verdict Verdict `json:"verdict"`
	// Totals counts the specs by result.
	Totals Totals `json:"totals"`
	// Versions are the versions of everything that took part: the driver,
	// Kubernetes, the CSI sidecars, muster itself. Key is the component.
	Versions map[string]string `json:"versions"`
	// Run says how the suite was started.
	Run Run `json:"run"`
	// Restarts are containers of the driver and its sidecars that ended
	// while the specs ran and were started again.
	Restarts []Restart `json:"restarts,omitempty"`
	// Clauses sorts the contract's clauses by what the specs showed.
	Clauses Clauses `json:"clauses"`
	// Specs are the selected specs in the order of their names.
	Specs []Spec `json:"specs"`
}

// Implementation names the driver under test.
type Implementation struct {
	// Name is the target's name: reference or longhorn.
	Name string `json:"name"`
	// Version is the driver's own version.
	Version string `json:"version"`
	// Contract is the Longhorn version whose clauses were expected, for
	// example 1.12.
	Contract string `json:"contract"`
}

// Run says how the suite was started.
type Run struct {
	// Focus is the regular expression that selected specs, "" for all.
	Focus string `json:"focus,omitempty"`
	// Labels is the label filter that selected specs, "" for all.
	Labels string `json:"labels,omitempty"`
	// Processes is how many specs could run at the same time.
	Processes int `json:"processes"`
	// Seconds is the duration of the specs, without cluster up and down.
	Seconds float64 `json:"seconds"`
}

// Verdict is the result of a run.
type Verdict string

// The verdicts.
const (
	// Passed means that every selected spec ran and passed or was skipped.
	Passed Verdict = "passed"
	// Failed means that a spec failed or the suite ended before all ran.
	Failed Verdict = "failed"
	// Interrupted means that somebody stopped the run; nothing follows from
	// the specs that are missing.
	Interrupted Verdict = "interrupted"
)

// Totals counts specs by result.
type Totals struct {
	// Passed specs ran and found what the contract says.
	Passed int `json:"passed"`
	// Failed specs did not, or were interrupted.
	Failed int `json:"failed"`
	// Skipped specs said that they cannot run here.
	Skipped int `json:"skipped"`
}

// Result is how one spec ended.
type Result string

// The results of a spec.
const (
	SpecPassed  Result = "passed"
	SpecFailed  Result = "failed"
	SpecSkipped Result = "skipped"
	// SpecInterrupted means that the run was stopped first; the spec says
	// nothing of the driver, and counts as failed.
	SpecInterrupted Result = "interrupted"
)

// Spec is one behaviour that was examined.
type Spec struct {
	// Name is the full text of the spec.
	Name string `json:"name"`
	// Labels are its labels without the clauses: capability and marks.
	Labels []string `json:"labels,omitempty"`
	// Clauses are the contract's clauses that it checks.
	Clauses []string `json:"clauses,omitempty"`
	// Result is how it ended.
	Result Result `json:"result"`
	// Seconds is how long it ran, cleanup included.
	Seconds float64 `json:"seconds"`
	// Message is why it failed or was skipped.
	Message string `json:"message,omitempty"`
	// Location is the file and line of the failure.
	Location string `json:"location,omitempty"`
	// Evidence is the folder with its evidence, relative to the report.
	Evidence string `json:"evidence,omitempty"`
}

// Clauses sorts clauses by what the specs showed.
type Clauses struct {
	// Met clauses have specs, and all that ran passed.
	Met []Clause `json:"met"`
	// Violated clauses of class M or V have a spec that failed.
	Violated []Clause `json:"violated"`
	// Observed clauses are of class Q: seen, reported, never a failure.
	Observed []Clause `json:"observed"`
	// NotCovered clauses were not examined in this run; Note says why.
	NotCovered []Clause `json:"notCovered"`
}

// Clause is one clause in a report.
type Clause struct {
	// ID is the clause's name in the contract.
	ID string `json:"id"`
	// Sentence is what the clause says.
	Sentence string `json:"sentence"`
	// Specs are the names of the specs that failed, for a violated clause.
	Specs []string `json:"specs,omitempty"`
	// Note is what there is to say: why it is not covered, or what was
	// observed.
	Note string `json:"note,omitempty"`
}

// Restart is a container that ended by itself while the specs ran.
type Restart struct {
	// Pod and Container name it.
	Pod       string `json:"pod"`
	Container string `json:"container"`
	// Count is how often it ended.
	Count int32 `json:"count"`
	// Reason is what the kubelet says of the last end, for example
	// "OOMKilled" or "Error".
	Reason string `json:"reason,omitempty"`
	// ExitCode is the exit code of the last end.
	ExitCode int32 `json:"exitCode"`
}

// Write stores the report as YAML, replacing the file as a whole.
func (r *Report) Write(path string) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the report's folder: %w", err)
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("put the report in its place: %w", err)
	}
	return nil
}

// encode returns the report as YAML with the keys in the order of the type,
// so that a reader meets the verdict before hundreds of clauses and specs.
func (r *Report) encode() ([]byte, error) {
	var text []byte
	value := reflect.ValueOf(*r)
	for i := range value.NumField() {
		key, options, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if options == "omitempty" && value.Field(i).IsZero() {
			continue
		}
		part, err := yaml.Marshal(map[string]any{key: value.Field(i).Interface()})
		if err != nil {
			return nil, fmt.Errorf("encode %s of the report: %w", key, err)
		}
		text = append(text, part...)
	}
	return text, nil
}

// Read loads a report. An unknown key, or a file of another form, is an error.
func Read(path string) (*Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	var r Report
	if err := yaml.UnmarshalStrict(data, &r); err != nil {
		return nil, fmt.Errorf("%s is not a report of this form: %w", path, err)
	}
	if r.APIVersion != APIVersion || r.Kind != Kind {
		return nil, fmt.Errorf("%s is %s %s, want %s %s", path, r.APIVersion, r.Kind, APIVersion, Kind)
	}
	return &r, nil
}
