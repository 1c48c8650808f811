package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/runner"
)

// newRunCommand returns "muster run", which runs the specs in pods of the cluster under test.
func newRunCommand() *cobra.Command {
	opts := runner.Options{Out: os.Stdout, Cluster: runner.ClusterOptions{Kind: runner.Existing}}
	opts.Existing.AsServiceAccount = true
	release := config.LatestContract()
	var inside bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the specs in pods of a cluster with a driver, say the verdict",
		Long: `Run the specs in pods of the cluster that a kubeconfig leads to, against the driver that
is in it: split among the pods of an indexed Job, under a service account that has the
roles of muster rbac and no more. The specs that change something for the whole cluster
run last and alone. What the pods find is brought together to one report in _output/e2e/,
as that of muster e2e; everything that was made for the run is removed.

A cluster that muster has brought up on this machine gets the suite's image by itself.
Any other has it on its nodes, or pulls it: muster image writes it to a file, and --image
or registry: in the configuration say where it is. docs/existing.md explains all of it.

The exit code is 0 when every selected spec passed or was skipped, 1 when one failed, and
2 when that cannot be said, such as when a pod was evicted. Ctrl-C ends the specs in the
pods and cleans up; a second Ctrl-C ends everything at once.`,
		Example: `  muster run --in-cluster --shards 2 --kubeconfig admin.conf
  muster run --in-cluster --shards 4 --image registry.example.org/muster/muster-suite:1 --labels 'snap || restore'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !inside {
				return notJudged(errors.New("muster run is for runs in pods of the cluster: say --in-cluster; on this machine the specs run with muster e2e --cluster existing"))
			}
			if opts.Inside.Shards == 0 {
				return notJudged(errors.New("--shards must be 1 or more"))
			}
			kill, stop := secondInterrupt(os.Stderr)
			defer stop()
			opts.Kill, opts.Contract = kill, release.String()
			statement, err := runner.E2E(cmd.Context(), opts)
			return verdictOf(statement, err)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&inside, "in-cluster", false, "run the specs in pods of the cluster")
	flags.IntVar(&opts.Inside.Shards, "shards", 1, "among how many pods the specs are split")
	flags.StringVar(&opts.Inside.Image, "image", "", "`reference` of the suite's image in a registry that the nodes pull from")
	flags.StringVar(&opts.Focus, "focus", "", "run the specs whose text matches this regular expression")
	flags.StringVar(&opts.Labels, "labels", "", "run the specs that match this label filter, such as 'restore && !xfs'")
	addContractFlag(cmd, &release)
	flags.IntVar(&opts.Processes, "procs", defaultProcesses, "how many specs each pod runs at the same time")
	flags.IntVar(&opts.Retries, "retries", 0, "how often a spec that fails is tried again; if it passes then, it is called flaky")
	addKubeconfigFlag(cmd, &opts.Existing.Kubeconfig)
	flags.StringVar(&opts.Existing.Config, "config", "", "`file` in which the cluster's owner says what is there (docs/existing.md)")
	flags.BoolVar(&opts.Existing.KeepSettings, "keep-settings", false, "skip the specs that change a setting of the whole cluster")
	return judging(cmd)
}

// verdictOf is what the command returns for a report, or for there being none.
func verdictOf(statement *report.Report, err error) error {
	switch {
	case err != nil:
		return notJudged(err)
	case statement.Verdict == report.Interrupted:
		return errNotJudged // the report has said why
	case statement.Verdict != report.Passed:
		return errNotPassed
	}
	return nil
}
