package cli

import (
	"errors"
	"testing"

	"github.com/muster-csi/muster/framework/report"
)

func TestRunTellsAFailureFromNoVerdict(t *testing.T) {
	for verdict, want := range map[report.Verdict]int{report.Passed: 0, report.Failed: 1, report.Interrupted: 2} {
		if got := exitCode(verdictOf(&report.Report{Verdict: verdict}, nil)); got != want {
			t.Errorf("%s: exit code %d, want %d", verdict, got, want)
		}
	}
	if got := exitCode(verdictOf(nil, errors.New("no cluster"))); got != 2 {
		t.Errorf("without a report: exit code %d, want 2", got)
	}
	for _, args := range [][]string{{"run"}, {"run", "--in-cluster", "--shards", "0"}, {"run", "--shard", "2"}} {
		root := newRootCommand()
		root.SetArgs(args)
		if got := exitCode(root.Execute()); got != 2 {
			t.Errorf("%v: exit code %d, want 2", args, got)
		}
	}
}
