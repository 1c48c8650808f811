package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/runner"
	"github.com/muster-csi/muster/framework/target"
)

// e2eCluster is the name of the cluster of a run; a cluster that somebody has
// up under the default name is left alone.
const e2eCluster = "e2e"

// defaultProcesses is how many specs run at the same time: they mostly wait, and
// on two cores six of them are done soonest (measured: 4, 6 and 8).
const defaultProcesses = 6

// errNotPassed ends the command with exit code 1 after the verdict was shown.
var errNotPassed = errors.New("not passed")

// newE2ECommand returns "muster e2e", which goes from nothing to a verdict.
func newE2ECommand() *cobra.Command {
	opts := runner.Options{Out: os.Stdout}
	release := config.LatestContract()
	cmd := &cobra.Command{
		Use:   "e2e",
		Short: "Bring up a cluster, run the specs against a driver, say the verdict",
		Long: `Bring up a cluster of its own, install the reference driver, run the specs in
parallel, write _output/e2e/ (report.html for people and report.yaml for programs,
junit.xml, summary.md, badge.svg, suite.log, a folder with evidence for each failed
spec, and with them the logs of the cluster itself), take the cluster down and say
the verdict.

With --contract the driver shows what that Longhorn release does, and the clauses
are expected as they stand for it; specs about other releases are skipped.

With --yardsticks the test suites of others follow: csi-sanity in full, and
Kubernetes' own storage tests about snapshots, clones and growth. Each has a row
in the report; the verdict on the contract stays as it is.

With --driver longhorn it is a release of Longhorn that is installed and examined, from
its published manifest with few changes, and expected to do what its version says
(docs/longhorn.md).

With --cluster existing the specs run in a cluster that is there already, with the
driver that is in it (docs/existing.md); muster doctor looks at it first.

The exit code is 0 only when every selected spec passed or was skipped, and every
yardstick that was asked for passed. Ctrl-C
ends the specs and cleans up; a second Ctrl-C ends everything at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kill, stop := secondInterrupt(os.Stderr)
			defer stop()
			opts.Kill, opts.Contract = kill, release.String()
			if opts.Driver.Name == target.Longhorn && !cmd.Flags().Changed("contract") {
				opts.Contract = "" // that of the release
			}
			statement, err := runner.E2E(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if statement.Verdict != report.Passed || !statement.YardsticksPassed() {
				return errNotPassed
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Focus, "focus", "", "run the specs whose text matches this regular expression")
	flags.StringVar(&opts.Labels, "labels", "", "run the specs that match this label filter, such as 'restore && !xfs'")
	addContractFlag(cmd, &release)
	flags.IntVar(&opts.Processes, "procs", defaultProcesses, "how many specs run at the same time")
	flags.IntVar(&opts.Retries, "retries", 0, "how often a spec that fails is tried again; if it passes then, it is called flaky")
	flags.BoolVar(&opts.Keep, "keep", false, "leave the cluster up afterwards; with --cluster kind also use one of that name that is up")
	flags.StringSliceVar(&opts.Yardsticks, "yardsticks", nil, "also run these test suites of others: csi-sanity, storage-e2e, or 1 for all")
	flags.StringVar(&opts.Cluster.Name, "name", e2eCluster, "name of the cluster that is made for the run")
	addClusterFlags(cmd, &opts.Cluster)
	addExistingFlags(cmd, &opts.Existing)
	addDriverFlags(cmd, &opts.Driver)
	return cmd
}

// addDriverFlags adds what is about the driver under test.
func addDriverFlags(cmd *cobra.Command, opts *runner.DriverOptions) {
	flags := cmd.Flags()
	flags.StringVar(&opts.Name, "driver", "", "driver under test: reference (default), or longhorn for a release of Longhorn (docs/longhorn.md)")
	flags.StringVar(&opts.LonghornVersion, "longhorn-version", "", "Longhorn: `version` of the release, such as v1.12.1")
	flags.StringVar(&opts.LonghornDir, "longhorn-dir", "", "Longhorn: `directory` with longhorn.yaml and tars of all images, for no network (default: both are fetched)")
}

// addExistingFlags adds what is about clusters that somebody else has made.
func addExistingFlags(cmd *cobra.Command, opts *runner.ExistingOptions) {
	flags := cmd.Flags()
	flags.StringVar(&opts.Kubeconfig, "kubeconfig", "", "existing cluster: `file` that leads there (default: $KUBECONFIG, else ~/.kube/config)")
	flags.StringVar(&opts.Config, "config", "", "existing cluster: `file` in which its owner says what is there (docs/existing.md)")
	flags.StringVar(&opts.Install, "install", "", "existing cluster: reference brings the reference driver for the length of the run")
	flags.BoolVar(&opts.KeepSettings, "keep-settings", false, "existing cluster: skip the specs that change a setting of the whole cluster")
	flags.BoolVar(&opts.AsServiceAccount, "as-service-account", false, "existing cluster: do everything under the roles that muster rbac prints")
}
