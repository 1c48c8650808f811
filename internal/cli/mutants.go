package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/runner"
)

// newMutantsCommand returns "muster mutants", which examines the specs.
func newMutantsCommand() *cobra.Command {
	opts := runner.MutantOptions{Out: os.Stdout}
	cmd := &cobra.Command{
		Use:   "mutants",
		Short: "Plant each known defect in the driver and see which specs catch it",
		Long: `Plant each known defect in the driver and see which specs catch it.

The specs run once without any defect and must all pass. Then the driver is
restarted with one defect after the other and the specs of its capability run.
A defect that no spec catches, and a spec that catches no defect, are failures.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.TimeoutScale <= 0 || opts.TimeoutScale > 1 {
				return fmt.Errorf("--timeout-scale must be above 0 and at most 1, not %g", opts.TimeoutScale)
			}
			kill, stop := secondInterrupt(os.Stderr)
			defer stop()
			opts.Kill = kill
			good, err := runner.Mutants(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if !good {
				return errNotPassed
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&opts.Only, "only", nil, "plant these defects only, for example handle-swapped,clone-empty")
	flags.IntVar(&opts.Processes, "procs", defaultProcesses, "how many specs run at the same time")
	flags.Float64Var(&opts.TimeoutScale, "timeout-scale", 0.2, "multiplies the limits of the specs while a defect is planted")
	flags.StringVar(&opts.Name, "name", "mutants", "name of the cluster that is made")
	return cmd
}
