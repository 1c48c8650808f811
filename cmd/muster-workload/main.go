// Command muster-workload is the program inside test pods: it writes content,
// reads it back and says in one line what it found. Results go to standard
// output, errors to standard error as one sentence, with exit code 1.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "muster-workload: "+err.Error())
		os.Exit(1)
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster-workload",
		Short:         "Write and check content inside a test pod",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newWriteCommand(), newZeroCommand(), newSumCommand(), newVerifyCommand(),
		newSequenceCommand(), newSequenceReadCommand(),
		newS3Command(), newS3FrontCommand(), newImageServerCommand(), newResolveCommand(), newPauseCommand(),
		newMountableCommand(), newNFSServerCommand(), newSocketProxyCommand())
	return root
}

// printJSON writes v as one line of JSON to the command's output.
func printJSON(cmd *cobra.Command, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode the result: %w", err)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), string(line))
	return err
}
