package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/report"
)

const text = `apiVersion: muster-csi.github.io/v1alpha1
kind: ConformanceReport
verdict: passed
implementation: {name: reference, version: dev, contract: "1.12"}
run: {labels: bi, processes: 4, seconds: 12.5}
leaks: [{name: Backup b, spec: x}]
operations:
- {name: CreateSnapshot, source: csi, count: 3, p50Seconds: 0.5, p95Seconds: 1, maxSeconds: 1}
clauses:
  met: [{id: R-10, class: M, sentence: Holds., section: x}]
specs:
- {name: a, result: passed, attempts: 2, clauses: [R-10], seconds: 1.5, somethingNew: {a: 1}}
`

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAReportIsReadWhateverElseItSays(t *testing.T) {
	got, err := ReadReport(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{
		APIVersion: report.APIVersion, Kind: report.Kind, Verdict: report.Passed,
		Implementation: report.Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Run:            report.Run{Labels: "bi", Processes: 4, Seconds: 12.5},
		Leaks:          []report.Leak{{Name: "Backup b", Spec: "x"}},
		Operations:     []report.Operation{{Name: "CreateSnapshot", Source: "csi", Count: 3, P50Seconds: 0.5, P95Seconds: 1, MaxSeconds: 1}},
		Clauses:        report.Clauses{Met: []report.Clause{{ID: "R-10", Class: "M", Sentence: "Holds."}}},
		Specs:          []report.Spec{{Name: "a", Result: report.SpecPassed, Attempts: 2, Seconds: 1.5, Clauses: []string{"R-10"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report differs:\n%s", diff)
	}
}

func TestWhatTheSuiteWritesCanBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.yaml")
	written := &report.Report{APIVersion: report.APIVersion, Kind: report.Kind, Verdict: report.Failed,
		Run:     report.Run{Processes: 6},
		Clauses: report.Clauses{Violated: []report.Clause{{ID: "R-11", Sentence: "Sizes are equal.", Specs: []string{"a"}}}},
		Specs:   []report.Spec{{Name: "a", Clauses: []string{"R-11"}, Result: report.SpecFailed, Message: "no"}},
	}
	if err := written.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadReport(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != report.Failed || got.Run.Processes != 6 || got.Clauses.Violated[0].Specs[0] != "a" || got.Specs[0].Message != "no" {
		t.Errorf("the report was read as %+v", got)
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	cases := []struct{ name, old, replacement, want string }{
		{"no YAML", "kind: ", "\t", "is not a report"},
		{"kind", "ConformanceReport", "GatePolicy", `it is "GatePolicy" of`},
		{"version", "v1alpha1", "v2", "want ConformanceReport of muster-csi.github.io/v1alpha1"},
		{"verdict", "verdict: passed", "verdict: fine", `its verdict is "fine"`},
		{"result", "result: passed", "result: ok", `the result of its spec "a" is "ok"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadReport(write(t, strings.Replace(text, c.old, c.replacement, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
	withoutSpecs, _, _ := strings.Cut(text, "specs:")
	if _, err := ReadReport(write(t, withoutSpecs)); err == nil || !strings.Contains(err.Error(), "it has no specs") {
		t.Errorf("error is %v", err)
	}
	if _, err := ReadReport("/no/such/report.yaml"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error is %v", err)
	}
}
