package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/cluster/embedded"
	checkup "github.com/muster-csi/muster/framework/doctor"
	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/runner"
)

// newDoctorCommand returns "muster doctor", which says whether the specs can run in a cluster.
func newDoctorCommand() *cobra.Command {
	var kubeconfig, config, install, driver string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether the specs can run in a cluster, and what to do if not",
		Long: `Look at a cluster in which the specs are to run: the API server and what its account
may do, nodes, snapshot kinds and snapshot controller, the driver with its pods and
sidecars, classes, the backup target, the image of test pods, leftovers of killed runs.
Nothing is changed. Each finding that is not fine has a remedy.

With --driver longhorn it also looks at what Longhorn needs: its release, sidecars, nodes
with iSCSI and NFS, disks and privileges. Without --kubeconfig it then looks at this
machine instead, as one on which muster brings up clusters for Longhorn.

"muster e2e --cluster existing" does this first and stops at errors.

The exit code is 0 when there is no error, 1 when there is one, and 2 when that cannot
be said because the API server does not answer.`,
		Example: `  muster doctor --kubeconfig admin.conf
  muster doctor --kubeconfig admin.conf --config cluster.yaml
  muster doctor --kubeconfig admin.conf --driver longhorn
  sudo muster doctor --driver longhorn`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			said, err := existing.ReadConfig(config)
			if err != nil {
				return notJudged(err)
			}
			reference, err := runner.ParseInstall(install)
			if err != nil {
				return notJudged(err)
			}
			longhorn, err := runner.ParseLonghorn(driver)
			if err != nil {
				return notJudged(err)
			}
			if longhorn && reference {
				return notJudged(errors.New("--install reference brings another driver than --driver longhorn: leave out one of them"))
			}
			var findings []checkup.Finding
			if longhorn && kubeconfig == "" {
				findings, err = examineMachine()
			} else {
				findings, err = examineCluster(cmd.Context(), kubeconfig, checkup.Patient{Config: said, Install: reference, Longhorn: longhorn})
			}
			if err != nil {
				return notJudged(err)
			}
			printFindings(cmd.OutOrStdout(), findings)
			if checkup.Worst(findings) == checkup.Error {
				return errNotPassed
			}
			return nil
		},
	}
	addKubeconfigFlag(cmd, &kubeconfig)
	cmd.Flags().StringVar(&config, "config", "", "`file` in which the owner of the cluster says what is there (docs/existing.md)")
	cmd.Flags().StringVar(&install, "install", "", "reference: the reference driver is going to be installed")
	cmd.Flags().StringVar(&driver, "driver", "", "longhorn: the driver is a Longhorn, or is going to be")
	return judging(cmd)
}

func examineMachine() ([]checkup.Finding, error) {
	machine, err := checkup.ThisMachine(embedded.StateRoot())
	if err != nil {
		return nil, err
	}
	return checkup.ExamineMachine(machine), nil
}

func examineCluster(ctx context.Context, kubeconfig string, patient checkup.Patient) ([]checkup.Finding, error) {
	var err error
	if patient.Client, err = connect(kubeconfig); err != nil {
		return nil, err
	}
	return checkup.Examine(ctx, patient)
}

// printFindings prints each finding, with its remedy below, and a line that counts.
func printFindings(out io.Writer, findings []checkup.Finding) {
	counts := map[checkup.Level]int{}
	for _, finding := range findings {
		counts[finding.Level]++
		fmt.Fprintln(out, finding)
	}
	fmt.Fprintf(out, "%s, %s\n", counted(counts[checkup.Error], "error"), counted(counts[checkup.Warning], "warning"))
}
