// Command muster-iscsi is an iSCSI initiator in user space, for nodes whose
// kernel has none. Called by the name iscsid it is the daemon, by the name
// iscsiadm the program that asks the daemon; by its own name it has both as
// subcommands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/cli"
)

// directoryVariable lets a test or a second daemon have a directory of its own:
// Longhorn calls iscsiadm with flags that cannot say so.
const directoryVariable = "MUSTER_ISCSI_STATE_DIR"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, filepath.Base(os.Args[0]), os.Args[1:])
	stop()
	os.Exit(code)
}

// run does what the name of the program stands for and returns the exit code.
func run(ctx context.Context, name string, arguments []string) int {
	var root *cobra.Command
	switch name {
	case "iscsiadm":
		return cli.Run(ctx, stateDirectory(), arguments, os.Stdout, os.Stderr)
	case "iscsid":
		root = newDaemonCommand("iscsid")
	default:
		root = newRootCommand()
	}
	root.SetArgs(arguments)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, name+": "+err.Error())
		return 1
	}
	return 0
}

func stateDirectory() string {
	if directory := os.Getenv(directoryVariable); directory != "" {
		return directory
	}
	return admin.DefaultDirectory
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster-iscsi",
		Short:         "An iSCSI initiator in user space",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newDaemonCommand("daemon"), newAdmCommand())
	return root
}

func newAdmCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "iscsiadm [flags]",
		Short:              "Ask the daemon, with the flags of open-iscsi's iscsiadm",
		DisableFlagParsing: true,
		Run: func(cmd *cobra.Command, arguments []string) {
			os.Exit(cli.Run(cmd.Context(), stateDirectory(), arguments, os.Stdout, os.Stderr))
		},
	}
}
