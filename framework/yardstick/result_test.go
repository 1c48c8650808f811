package yardstick

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/report"
)

// The files in testdata are results of real runs with a part of their cases and
// without what these printed: csi-sanity.json is of a run that passed, storage-e2e.json
// of one without exclusions that was interrupted when a case of it had failed.

// readReal reads the result of a real run by the definition of that name.
func readReal(t *testing.T, name string, excluded ...Exclusion) report.Yardstick {
	t.Helper()
	chosen, err := Select([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	d := chosen[0]
	if name == "storage-e2e" {
		d.Excluded = excluded
	}
	row := d.row(Setting{Version: func(string) string { return "v1" }})
	if err := d.read(filepath.Join("testdata", name+".json"), &row); err != nil {
		t.Fatal(err)
	}
	return row
}

func TestFailuresAreNamedWithWhatTheySaidFirst(t *testing.T) {
	row := readReal(t, "storage-e2e")
	if want := (report.Totals{Passed: 3, Failed: 2, Skipped: 5}); row.Totals != want {
		t.Errorf("the totals are %+v, want %+v", row.Totals, want)
	}
	const names = "External Storage [Driver: driver.longhorn.io] [Testpattern: Dynamic PV (default fs)"
	want := []report.YardstickFailure{
		{Name: names + "(allowExpansion)] volume-expand should resize volume when PVC is edited while pod is using it", Message: "Interrupted by User"},
		{Name: names + "] provisioning should provision correct filesystem size when restoring snapshot to larger size pvc [Feature:VolumeSnapshotDataSource]",
			Message: `Failed to create pod: pod "pvc-tester-v9fms" is not Running: Timed out after 300.001s.`},
	}
	if diff := cmp.Diff(want, row.Failures); diff != "" {
		t.Error(diff)
	}
	if want := []string{"Interrupted by User"}; !slices.Equal(row.Trouble, want) {
		t.Errorf("trouble is %q, want %q", row.Trouble, want)
	}
}

func TestWhatWasChosenAndDidNotRunIsSkippedWithItsReason(t *testing.T) {
	want := []report.YardstickSkip{
		{Reason: `Driver "driver.longhorn.io" does not support ROX access mode - skipping`, Count: 2},
		{Reason: "the run ended before it", Count: 2},
		{Reason: `volume type "DynamicPV" is not ephemeral`, Count: 1},
	}
	if diff := cmp.Diff(want, readReal(t, "storage-e2e").Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestAnExclusionThatLeavesNothingOutIsTrouble(t *testing.T) {
	stress := Exclusion{Case: "snapshottable-stress", Because: report.BecauseEnvironment, Reason: "slow"}
	row := readReal(t, "storage-e2e", stress, Exclusion{Case: "of long ago", Because: report.BecauseUnsupported, Reason: "gone"})
	if row.Excluded != 2 || row.Exclusions[0].Count != 2 || row.Totals.Skipped != 3 {
		t.Errorf("%d cases are excluded (%+v) and %d skipped, want 2 and 3", row.Excluded, row.Exclusions, row.Totals.Skipped)
	}
	if last := row.Trouble[len(row.Trouble)-1]; !strings.Contains(last, `has "of long ago" in its name any more`) || len(row.Trouble) != 2 {
		t.Errorf("trouble is %q", row.Trouble)
	}
}

func TestExcludedCasesAreCountedByReason(t *testing.T) {
	row := readReal(t, "csi-sanity")
	if want := (report.Totals{Passed: 4, Skipped: 4}); row.Totals != want || row.Excluded != 2 {
		t.Errorf("the totals are %+v with %d excluded, want %+v with 2", row.Totals, row.Excluded, want)
	}
	if len(row.Trouble)+len(row.Failures) > 0 {
		t.Errorf("trouble %q, failures %v", row.Trouble, row.Failures)
	}
	for _, e := range row.Exclusions {
		if e.Count != 1 || e.Because != report.BecauseContract || len(e.Clauses) != 1 {
			t.Errorf("exclusion %+v", e)
		}
	}
}

func TestAResultThatIsMissingOrDamagedIsAnError(t *testing.T) {
	var row report.Yardstick
	d := Definition{Name: "a"}
	if err := d.read(filepath.Join(t.TempDir(), "none.json"), &row); err == nil || !strings.Contains(err.Error(), "a ended without a result") {
		t.Errorf("a missing one gave %v", err)
	}
	if err := d.read("result_test.go", &row); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged one gave %v", err)
	}
}

func TestTheResultNeedsAPassedCaseAndNoTrouble(t *testing.T) {
	for _, c := range []struct {
		row  report.Yardstick
		want report.YardstickResult
	}{
		{report.Yardstick{Totals: report.Totals{Passed: 1, Skipped: 9}}, report.YardstickPassed},
		{report.Yardstick{Totals: report.Totals{Skipped: 9}}, report.YardstickFailed},
		{report.Yardstick{Totals: report.Totals{Passed: 1, Failed: 1}}, report.YardstickFailed},
		{report.Yardstick{Totals: report.Totals{Passed: 1}, Trouble: []string{"left"}}, report.YardstickFailed},
	} {
		if got := resultOf(t.Context(), c.row); got != c.want {
			t.Errorf("%+v is %s, want %s", c.row, got, c.want)
		}
	}
}

func TestBeginningIsTheFirstLineThatSaysSomething(t *testing.T) {
	for message, want := range map[string]string{
		"one\ntwo": "one",
		"Unexpected error:\n    <*status.Error | 0xc0001>: \n    rpc error: code = Internal\n    {\n": "Unexpected error: <*status.Error | 0xc0001>: rpc error: code = Internal",
		"Expected\n    <string>: a\nto equal\n    <string>: b\nmore":                                  "Expected <string>: a to equal <string>: b",
		"said AWS_SECRET_ACCESS_KEY=hunter2":                                                          "said AWS_SECRET_ACCESS_KEY=[redacted]",
		strings.Repeat("x", maxMessage+1):                                                             strings.Repeat("x", maxMessage) + " …",
	} {
		if got := beginning(message); got != want {
			t.Errorf("%q begins with %q, want %q", message, got, want)
		}
	}
}
