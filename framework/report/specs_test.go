package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2/types"
)

// ginkgoReport is a run with one spec of each kind.
func ginkgoReport(dir string) types.Report {
	it := func(text string, state types.SpecState) types.SpecReport {
		return types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: text, State: state,
			ContainerHierarchyTexts:  []string{"restore"},
			ContainerHierarchyLabels: [][]string{{"restore"}}, LeafNodeLabels: []string{"clause:R-10"},
			StartTime: began, RunTime: 1234567 * time.Microsecond, NumAttempts: 1, ParallelProcess: 2}
	}
	failed := it("fails", types.SpecStateTimedout)
	failed.SpecEvents = []types.SpecEvent{step("restoring", 0), bodyEnd(3 * time.Second)}
	failed.AdditionalFailures = []types.AdditionalFailure{{Failure: types.Failure{Message: "after the spec: password=hunter2"}}}
	failed.Failure = types.Failure{TimelineLocation: types.TimelineLocation{Time: began.Add(2 * time.Second)}, Message: "too slow\n", Location: types.CodeLocation{FileName: "/src/a.go", LineNumber: 7}}
	failed.ReportEntries = types.ReportEntries{{Name: "evidence", Value: types.WrapEntryValue(filepath.Join(dir, "failed", "fails"))}}
	skipped := it("cannot", types.SpecStateSkipped)
	skipped.Failure = types.Failure{Message: "no root"}
	return types.Report{SpecReports: types.SpecReports{
		it("passes", types.SpecStatePassed), failed, skipped,
		flaky(it("is flaky", types.SpecStatePassed), dir),
		it("was left out", types.SpecStateSkipped),
		{LeafNodeType: types.NodeTypeSynchronizedBeforeSuite, State: types.SpecStatePassed},
		{LeafNodeType: types.NodeTypeSynchronizedAfterSuite, State: types.SpecStateFailed, Failure: types.Failure{Message: "leaks"}},
	}}
}

// flaky is the spec after two attempts that failed and one that passed.
func flaky(s types.SpecReport, dir string) types.SpecReport {
	s.NumAttempts = 3
	for attempt := 1; attempt < 3; attempt++ {
		failure := types.Failure{Message: fmt.Sprintf("Failure recorded during attempt %d:\nafter the spec: waited 1s (timeouts.X) for pods a/b%d to be gone; it is there", attempt, attempt)}
		s.AdditionalFailures = append(s.AdditionalFailures, types.AdditionalFailure{Failure: failure})
		s.ReportEntries = append(s.ReportEntries, types.ReportEntry{Name: "evidence", Value: types.WrapEntryValue(filepath.Join(dir, "failed", fmt.Sprintf("flaky-%d", attempt)))})
	}
	return s
}

func TestReadSuite(t *testing.T) {
	dir := t.TempDir()
	data, err := json.Marshal([]types.Report{ginkgoReport(dir)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ginkgo.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSuite(path, dir)
	if err != nil {
		t.Fatal(err)
	}
	labels, clauses := []string{"restore"}, []string{"R-10"}
	want := []Spec{
		{Name: "restore cannot", Labels: labels, Clauses: clauses, Result: SpecSkipped, Seconds: 1.235, Message: "no root"},
		{Name: "restore fails", Labels: labels, Clauses: clauses, Result: SpecFailed, Seconds: 1.235,
			FailedAfterSeconds: 2, Message: "too slow", Further: []string{"after the spec: password=[redacted]"},
			Steps: []Step{{Text: "restoring", Started: began, Seconds: 3}}, Location: "a.go:7", Evidence: "failed/fails"},
		{Name: "restore is flaky", Labels: labels, Clauses: clauses, Result: SpecFlaky, Seconds: 1.235, Evidence: "failed/flaky-1",
			Message: "Failure recorded during attempt 1:\nafter the spec: waited 1s (timeouts.X) for pods a/b1 to be gone; it is there",
			Further: []string{"Failure recorded during attempt 2:\nafter the spec: waited 1s (timeouts.X) for pods a/b2 to be gone; it is there"}},
		{Name: "restore passes", Labels: labels, Clauses: clauses, Result: SpecPassed, Seconds: 1.235},
		{Name: "suite: looking for what is left after all specs", Result: SpecFailed, Message: "leaks"},
	}
	for i := range want[:4] {
		want[i].Started, want[i].Attempts, want[i].Process = began, 1, 2
	}
	want[2].Attempts = 3
	if diff := cmp.Diff(want, got.Specs); diff != "" {
		t.Errorf("specs differ:\n%s", diff)
	}
	if len(got.Leaks) != 2 || got.Leaks[1].Spec != "restore is flaky" {
		t.Errorf("leaks are %v, want those of each attempt", got.Leaks)
	}
}

func TestReadSuiteRefusesADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ginkgo.json")
	for _, text := range []string{"", "[{", "[]"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSuite(path, t.TempDir()); err == nil {
			t.Errorf("%q was accepted as a report", text)
		}
	}
}
