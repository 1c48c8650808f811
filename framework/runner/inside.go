package runner

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/shards"
	"github.com/muster-csi/muster/framework/timeouts"
)

// InsideOptions say how the specs run in pods of the cluster under test.
type InsideOptions struct {
	// Shards is among how many pods the specs are split; 0 means that they run here.
	Shards int
	// Image is the reference of the suite's image, "" for the one that is built here.
	Image string
}

func (o InsideOptions) wanted() bool { return o.Shards != 0 }

// check refuses what means nothing.
func (o InsideOptions) check(all Options) error {
	switch {
	case !o.wanted() && o.Image != "":
		return errors.New("--image is for a run in pods of the cluster: say --in-cluster as well, or leave it out")
	case !o.wanted():
		return nil
	case o.Shards < 0 || o.Shards > shards.MaxShards:
		return fmt.Errorf("--shards must be between 1 and %d, not %d", shards.MaxShards, o.Shards)
	case all.Cluster.Kind != Existing || !all.Existing.AsServiceAccount:
		return fmt.Errorf("a run in pods needs --cluster %s and a service account", Existing)
	case all.Existing.Install != "":
		return errors.New("a run in pods takes the driver that is there: bring it with muster e2e --cluster existing --install reference --keep first")
	}
	return nil
}

// doInside runs the specs in pods and returns what all of them say as one. Shards that
// were lost are in it as specs that were not run.
func (e *e2e) doInside(ctx context.Context) (*report.Suite, error) {
	if err := clearOutput(e.dir); err != nil {
		return nil, err
	}
	all := shards.Split(e.selected, e.Inside.Shards)
	launch := e.launch(all)
	var err error
	if e.outcomes, err = launch.Run(ctx); err != nil {
		return nil, err
	}
	e.guest.sweep = slices.ContainsFunc(e.outcomes, func(outcome shards.Outcome) bool { return outcome.Lost != nil })
	var parts []report.Part
	for i, outcome := range e.outcomes {
		if outcome.Dir != "" {
			parts = append(parts, report.Part{
				Shard: outcome.Shard.Name, Path: filepath.Join(outcome.Dir, ginkgoFile), Dir: filepath.Join(shards.WorkDir, "output"), Lanes: i * e.Processes,
			})
		}
	}
	suite, err := report.ReadParts(parts)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return suite, ErrInterrupted
	}
	for _, outcome := range e.outcomes {
		suite.NotRun(outcome.Shard.Name, outcome.Shard.Specs, whyNotRun(outcome))
	}
	if e.guest.sweep {
		return suite, nil // what lost shards have left is no leak of the driver, and is removed at the end
	}
	if err := e.nothingLeft(ctx, launch.Config.Suite); err != nil {
		suite.LeftBehind(err)
	}
	return suite, nil
}

// launch describes the run to the pods.
func (e *e2e) launch(all []shards.Shard) *shards.Launch {
	config := e.run().Config
	config.Beside = true
	config.Kubeconfig, config.OutputDir, config.Events = "", "", ""
	each := e.progress()
	account := e.guest.account.Name()
	return &shards.Launch{
		Client: e.guest.admin, Namespace: account, Account: account, Image: e.image.ref, Pull: e.image.pull,
		Config: shards.Config{
			Focus: e.Focus, Labels: e.Labels, Shards: e.Inside.Shards, Digest: shards.Digest(all),
			Processes: e.Processes, Retries: e.Retries, Suite: config,
		},
		Shards: all, Output: e.dir, Kill: e.Kill,
		Each: func(_ string, spec harness.Finished) { each(spec) },
		Began: func(shard shards.Shard, pod, node string) {
			e.terminal.Note("shard %s: %d specs in pod %s on node %s", shard.Name, len(shard.Specs), pod, node)
		},
	}
}

// whyNotRun says why a spec of a shard has no result.
func whyNotRun(outcome shards.Outcome) string {
	switch {
	case outcome.Lost != nil:
		return outcome.Lost.Error()
	case outcome.Interrupted:
		return fmt.Sprintf("its pod %s on node %s was told to end meanwhile: run again when nobody drains the node", outcome.Pod, outcome.Node)
	}
	return fmt.Sprintf("the suite ended before, see %s", filepath.Join(outputDir, shards.Dir, outcome.Shard.Name, logFile))
}

// nothingLeft looks at the end whether anything of the run is left, which no shard could
// do while others were at work.
func (e *e2e) nothingLeft(ctx context.Context, config harness.Config) error {
	ctx, cancel := context.WithTimeout(ctx, timeouts.Cleanup)
	defer cancel()
	config.Kubeconfig = e.session.Cluster.Kubeconfig
	there, err := harness.Connect(config)
	if err != nil {
		return err
	}
	return there.WaitNothingLeft(ctx, nil)
}

// shardsOfReport names the shards for the report.
func (e *e2e) shardsOfReport() []report.Shard {
	var all []report.Shard
	for _, outcome := range e.outcomes {
		shard := report.Shard{Name: outcome.Shard.Name, Specs: len(outcome.Shard.Specs), Pod: outcome.Pod, Node: outcome.Node}
		if outcome.Lost != nil {
			shard.Lost = outcome.Lost.Error()
		}
		all = append(all, shard)
	}
	return all
}

// unjudged reports whether specs were not run for a reason outside of the driver, and none
// failed: then nothing can be said of the driver.
func (e *e2e) unjudged() bool {
	failed := slices.ContainsFunc(e.result.Specs, func(spec report.Spec) bool { return spec.Result == report.SpecFailed })
	return !failed && slices.ContainsFunc(e.outcomes, func(outcome shards.Outcome) bool { return outcome.Lost != nil || outcome.Interrupted })
}
