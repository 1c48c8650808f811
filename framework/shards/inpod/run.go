// Package inpod is what a pod does in a run that is split among pods: it plans the
// specs, runs those of its shard, and keeps the result until that was fetched.
package inpod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/runner"
	"github.com/muster-csi/muster/framework/shards"
)

// programs is where the image has the suite and Ginkgo's runner.
const programs = "/usr/local/bin"

// terminationLog is where Kubernetes looks for a container's last words.
const terminationLog = "/dev/termination-log"

// Run runs the specs of the pod's shard, with a line on out for each, and returns when
// the result was fetched. What prevents it is also the pod's termination message.
func Run(ctx context.Context, out io.Writer) error {
	err := run(ctx, out)
	if err != nil {
		_ = os.WriteFile(terminationLog, []byte(err.Error()), 0o644) // it is on standard error as well
	}
	return err
}

func run(ctx context.Context, out io.Writer) error {
	text, err := os.ReadFile(shards.ConfigPath)
	if err != nil {
		return fmt.Errorf("read the configuration of the shards: %w", err)
	}
	config, err := shards.ParseConfig(text)
	if err != nil {
		return err
	}
	suite := &runner.Suite{Binary: filepath.Join(programs, "suites.test"), Ginkgo: filepath.Join(programs, "ginkgo")}
	shard, err := ownShard(ctx, suite, config)
	if err != nil {
		return err
	}
	if err := complete(ctx, &config.Suite); err != nil {
		return err
	}
	result, err := runSpecs(ctx, suite, config, shard, out)
	if err != nil {
		return err
	}
	if err := (shards.Line{Result: result}).Write(out); err != nil {
		return fmt.Errorf("say that the result is there: %w", err)
	}
	return awaitRelease(ctx)
}

// ownShard plans all specs of the run and returns those of this pod.
func ownShard(ctx context.Context, suite *runner.Suite, config shards.Config) (shards.Shard, error) {
	name, err := shardName(os.Getenv)
	if err != nil {
		return shards.Shard{}, err
	}
	plan, err := suite.Plan(ctx, runner.Selection{Focus: config.Focus, Labels: config.Labels})
	if err != nil {
		return shards.Shard{}, err
	}
	all := shards.Split(plan, config.Shards)
	if err := config.Check(all); err != nil {
		return shards.Shard{}, err
	}
	return shards.Named(all, name)
}

// shardName is the name of the pod's shard.
func shardName(getenv func(string) string) (string, error) {
	if name := getenv(shards.ShardVariable); name != "" {
		return name, nil
	}
	index, err := strconv.Atoi(getenv(shards.IndexVariable))
	if err != nil {
		return "", fmt.Errorf("%s is %q: this program runs in the pods of an indexed Job, which muster run --in-cluster makes", shards.IndexVariable, getenv(shards.IndexVariable))
	}
	return strconv.Itoa(index + 1), nil
}

// runSpecs runs the shard and packs what came out.
func runSpecs(ctx context.Context, suite *runner.Suite, config shards.Config, shard shards.Shard, out io.Writer) (*shards.Result, error) {
	_, err := suite.Do(ctx, runner.Run{
		Selection: runner.Selection{Focus: shard.Focus()},
		Config:    config.Suite, Processes: config.Processes, Retries: config.Retries,
		Each: func(spec harness.Finished) {
			if shard.Has(spec.Name) { // Ginkgo tells of those that are filtered out as well
				_ = shards.Line{Spec: &spec}.Write(out) // progress only: the result has it too
			}
		},
	})
	interrupted := errors.Is(err, runner.ErrInterrupted)
	if err != nil && !interrupted {
		return nil, fmt.Errorf("%w; it printed at the end:\n%s", err, logEnd(filepath.Join(config.Suite.OutputDir, "suite.log")))
	}
	result, err := pack(config.Suite.OutputDir)
	if err != nil {
		return nil, err
	}
	result.Interrupted = interrupted
	return result, nil
}

// errOutside says that the program is not in a pod.
var errOutside = errors.New("this program runs in pods only, which muster run --in-cluster makes")

// inCluster is how a pod reaches the API server.
func inCluster() (*rest.Config, error) {
	config, err := rest.InClusterConfig()
	if errors.Is(err, rest.ErrNotInCluster) {
		return nil, errOutside
	}
	if err != nil {
		return nil, fmt.Errorf("read the pod's own service account: %w", err)
	}
	return config, nil
}
