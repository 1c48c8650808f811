package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/runner"
)

// newBenchCommand returns "muster bench-up", which measures.
func newBenchCommand() *cobra.Command {
	opts := runner.BenchOptions{Out: os.Stdout}
	cmd := &cobra.Command{
		Use:   "bench-up",
		Short: "Measure how fast a cluster is up, a snapshot is ready and the suite is done",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Runs < 1 {
				return fmt.Errorf("--runs must be at least 1, not %d", opts.Runs)
			}
			kill, stop := secondInterrupt(os.Stderr)
			defer stop()
			opts.Kill = kill
			return runner.Bench(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&opts.Runs, "runs", 5, "how often everything is measured")
	flags.IntVar(&opts.Processes, "procs", defaultProcesses, "how many specs run at the same time")
	flags.StringVar(&opts.Name, "name", "bench", "name of the clusters that are made")
	return cmd
}
