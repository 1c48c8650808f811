package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/contract"
)

// part writes the JSON report of a shard that has run the specs of those names.
func part(t *testing.T, shard string, lanes int, after time.Duration, names ...string) Part {
	t.Helper()
	started := began.Add(after)
	whole := types.Report{StartTime: started, RunTime: 10 * time.Second}
	for _, name := range names {
		whole.SpecReports = append(whole.SpecReports, types.SpecReport{
			LeafNodeType: types.NodeTypeIt, LeafNodeText: name, LeafNodeLabels: []string{"restore", "clause:R-10"},
			State: types.SpecStatePassed, StartTime: started, NumAttempts: 1, ParallelProcess: 2,
		})
	}
	whole.SpecReports = append(whole.SpecReports, types.SpecReport{
		LeafNodeType: types.NodeTypeSynchronizedBeforeSuite, State: types.SpecStateFailed, Failure: types.Failure{Message: "no"}, StartTime: started,
	})
	text, err := json.Marshal([]types.Report{whole})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ginkgo.json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return Part{Shard: shard, Path: path, Dir: "/work/output", Lanes: lanes}
}

func TestPartsAreReadAsOneSuite(t *testing.T) {
	suite, err := ReadParts([]Part{part(t, "1", 0, 0, "b", "d"), part(t, "2", 3, 5*time.Second, "a")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, spec := range suite.Specs {
		got = append(got, spec.Name+"@"+spec.Shard)
	}
	want := "a@2, b@1, d@1, suite: what precedes all specs of shard 1@1, suite: what precedes all specs of shard 2@2"
	if strings.Join(got, ", ") != want {
		t.Errorf("the specs are %v, want %s", got, want)
	}
	if suite.Specs[0].Process != 5 || suite.Specs[1].Process != 2 {
		t.Errorf("processes are %d and %d, want 5 and 2", suite.Specs[0].Process, suite.Specs[1].Process)
	}
	if !suite.Started.Equal(began) || suite.Seconds != 15 {
		t.Errorf("the suite began at %s and took %g s, want %s and 15", suite.Started, suite.Seconds, began)
	}
	if len(suite.Trouble) > 0 {
		t.Errorf("trouble: %v", suite.Trouble)
	}
}

func TestASpecOfTwoPartsIsTrouble(t *testing.T) {
	suite, err := ReadParts([]Part{part(t, "1", 0, 0, "a"), part(t, "2", 3, 0, "a")})
	if err != nil {
		t.Fatal(err)
	}
	if len(suite.Trouble) != 1 || !strings.Contains(suite.Trouble[0], `shards 1 and 2 have both run "a"`) {
		t.Errorf("trouble is %v", suite.Trouble)
	}
}

func TestALostPartIsNeverAPass(t *testing.T) {
	lost := []contract.Spec{{Name: "a", Labels: []string{"restore", "clause:R-10"}}, {Name: "z", Labels: []string{"restore", "clause:R-22"}}}
	suite, err := ReadParts([]Part{part(t, "1", 0, 0, "a")})
	if err != nil {
		t.Fatal(err)
	}
	suite.Specs = suite.Specs[:1] // without the failed node
	suite.NotRun("2", lost, "its pod was evicted: run again")
	in := input()
	in.Suite, in.Interrupted, in.Planned = suite, true, 2
	report := Build(in, catalogue(t))
	if report.Verdict != Interrupted {
		t.Errorf("the verdict is %s", report.Verdict)
	}
	if len(report.Trouble) != 1 || !strings.Contains(report.Trouble[0], "1 spec of shard 2 not run, because its pod was evicted: run again: z") {
		t.Errorf("trouble is %v", report.Trouble)
	}
	last := report.Specs[len(report.Specs)-1]
	if last.Name != "z" || last.Result != SpecInterrupted || last.Shard != "2" {
		t.Errorf("the lost spec is %+v", last)
	}
	for _, clause := range report.Clauses.NotRun {
		if clause.ID == "R-22" {
			return
		}
	}
	t.Errorf("clause R-22 is not among those that were not run: %+v", report.Clauses.NotRun)
}
