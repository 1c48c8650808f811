package runner

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/shards"
)

func TestRunsInPodsAreRefusedThatMeanNothing(t *testing.T) {
	good := Options{Processes: 1, Cluster: ClusterOptions{Kind: Existing}, Existing: ExistingOptions{AsServiceAccount: true}, Inside: InsideOptions{Shards: 2}}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Options){
		"--shards must be":      func(o *Options) { o.Inside.Shards = 65 },
		"--in-cluster":          func(o *Options) { o.Inside = InsideOptions{Image: "i:1"} },
		"a service account":     func(o *Options) { o.Existing.AsServiceAccount = false },
		"--cluster existing":    func(o *Options) { o.Cluster.Kind = Embedded },
		"--install reference":   func(o *Options) { o.Existing.Install = "reference" },
		"must be between 1 and": func(o *Options) { o.Inside.Shards = -1 },
	} {
		options := good
		change(&options)
		if err := options.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}

// The shards are run with Ginkgo's focus: together they must select what the plan has.
func TestTheShardsOfTheSuiteSelectEverySpecOnce(t *testing.T) {
	suite := builtSuite(t)
	all, err := suite.Plan(t.Context(), Selection{Labels: "api || lifecycle"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	serial := 0
	for _, shard := range shards.Split(all, 3) {
		some, err := suite.Plan(t.Context(), Selection{Focus: shard.Focus()})
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range some {
			got = append(got, spec.Name)
			if spec.Serial != (shard.Name == shards.Alone) {
				t.Errorf("%q (Serial %t) is in shard %s", spec.Name, spec.Serial, shard.Name)
			}
			if spec.Serial {
				serial++
			}
		}
	}
	if serial == 0 {
		t.Error("no spec is Serial")
	}
	want := names(all)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the shards select %d specs, want the %d of the plan:\n%q\n%q", len(got), len(want), got, want)
	}
}

func names(specs []contract.Spec) []string {
	var names []string
	for _, spec := range specs {
		names = append(names, spec.Name)
	}
	return names
}

func TestALostShardCannotBeJudged(t *testing.T) {
	lost := []shards.Outcome{{Lost: errors.New("evicted")}}
	for _, c := range []struct {
		result   report.Result
		outcomes []shards.Outcome
		want     bool
	}{
		{report.SpecPassed, nil, false}, {report.SpecPassed, lost, true}, {report.SpecFailed, lost, false},
		{report.SpecPassed, []shards.Outcome{{Interrupted: true}}, true},
	} {
		run := &e2e{result: &report.Suite{Specs: []report.Spec{{Result: c.result}}}, outcomes: c.outcomes}
		if got := run.unjudged(); got != c.want {
			t.Errorf("%s with %v cannot be judged: %t, want %t", c.result, c.outcomes, got, c.want)
		}
	}
}
