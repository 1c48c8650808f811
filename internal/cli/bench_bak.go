package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/runner"
)

// newBenchBakCommand returns "muster bench-bak", which measures backups.
func newBenchBakCommand() *cobra.Command {
	opts := runner.BackupBenchOptions{Out: os.Stdout}
	cmd := &cobra.Command{
		Use:   "bench-bak",
		Short: "Measure backups and restores against Longhorn's library and restic",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Runs < 1 {
				return fmt.Errorf("--runs must be at least 1, not %d", opts.Runs)
			}
			return runner.BenchBackups(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&opts.Runs, "runs", 3, "how often everything is measured")
	flags.Int64Var(&opts.MiB, "size", 1024, "MiB of data for backup and restore")
	flags.Int64Var(&opts.IncrementalMiB, "incremental-size", 4096, "MiB of data of which one per cent changes")
	flags.Int64Var(&opts.MemoryMiB, "memory-size", 10240, "MiB of data while memory is measured, 0 to leave that out")
	return cmd
}
