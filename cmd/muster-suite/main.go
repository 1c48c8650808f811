// Command muster-suite is the program inside the pods of a run in a cluster: it runs the
// specs of one shard, and hands the result to who has started it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/shards/inpod"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "muster-suite: "+err.Error())
		os.Exit(1)
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "muster-suite", Short: "Run one shard of the specs inside the cluster under test",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(&cobra.Command{
		Use: "run", Short: "Run the shard's specs and keep the result until it is released", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return inpod.Run(cmd.Context(), os.Stdout) },
	}, &cobra.Command{
		Use: "result", Short: "Write the result, which is there when the log says so, to standard output", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return inpod.WriteResult(os.Stdout) },
	}, &cobra.Command{
		Use: "release", Short: "Say that the result has arrived, which ends the pod", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return inpod.Release() },
	})
	return root
}
