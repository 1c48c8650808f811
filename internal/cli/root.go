// Package cli holds the commands of the muster program, one file each. A
// command parses its flags and calls the framework; it decides nothing itself.
package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

// Main runs muster with the process's arguments and returns its exit code:
// 0 when the command did what it was asked, 2 when it could not judge what it
// was asked about (muster compare, gate, why, doctor, objects diff), 1 otherwise.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Kubernetes' client library logs what it has already returned as an error.
	klog.SetLogger(logr.Discard())
	err := newRootCommand().ExecuteContext(ctx)
	if err != nil && !said(err) {
		fmt.Fprintln(os.Stderr, "muster: "+err.Error())
	}
	return exitCode(err)
}

// newRootCommand assembles the command tree. Every command has a file of its
// own in this package and is listed here once.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster",
		Short:         "Conformance suite for Longhorn's CSI volume snapshots",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newComponentsCommand(), newImageCommand())
	root.AddCommand(newUpCommand(), newStatusCommand(), newKubeconfigCommand(), newDownCommand())
	root.AddCommand(newE2ECommand(), newRunCommand(), newMutantsCommand(), newBenchCommand(), newBenchBakCommand())
	root.AddCommand(newAuditCommand(), newWhyCommand())
	root.AddCommand(newContractCommand(), newExplainCommand(plannedSpecs))
	root.AddCommand(newCompareCommand(), newGateCommand(), newResultsCommand())
	root.AddCommand(newDoctorCommand(), newRBACCommand(), newObjectsCommand(), newCleanCommand())
	root.SetFlagErrorFunc(suggestFlag)
	return root
}
