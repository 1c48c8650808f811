// Command muster-bench-bak measures backups: the reference driver's way against
// that of Longhorn's library with a full scan, and against restic, all into the
// same MinIO on this machine. `make bench-bak` builds and runs it. It asserts
// nothing: figures depend on the machine.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/backup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "muster-bench-bak: "+err.Error())
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	var o options
	root := &cobra.Command{
		Use: "muster-bench-bak", Short: "Measure backups and restores", Args: cobra.NoArgs,
		SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.out = cmd.OutOrStdout()
			return o.run(cmd.Context())
		},
	}
	flags := root.Flags()
	flags.StringVar(&o.minio, "minio", "", "the program minio")
	flags.StringVar(&o.restic, "restic", "", "the program restic")
	flags.StringVar(&o.dir, "dir", "", "an empty directory for all data, with room for about three times the largest size")
	flags.IntVar(&o.runs, "runs", 3, "how often everything is measured")
	flags.Int64Var(&o.mib, "size", 1024, "MiB of data for backup and restore")
	flags.Int64Var(&o.incrementalMiB, "incremental-size", 4096, "MiB of data of which one per cent changes")
	flags.Int64Var(&o.memoryMiB, "memory-size", 10240, "MiB of data while memory is measured, 0 to leave that out")
	for _, name := range []string{"minio", "restic", "dir"} {
		if err := root.MarkFlagRequired(name); err != nil {
			panic(err) // a mistake in this file
		}
	}
	root.AddCommand(&cobra.Command{
		Use: backup.WorkerCommand, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return backup.Work(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}, &cobra.Command{
		Use: fullScanCommand, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fullScan(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	})
	return root
}
