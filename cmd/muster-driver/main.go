// Command muster-driver is the reference CSI driver: one binary with a
// controller role, a node role and small commands for people and probes.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/internal/nfs4/mount"
)

func main() {
	if mount.Called() { // the driver's image has this program as mount.nfs4 too
		os.Exit(mount.Main(os.Args[1:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "muster-driver:", err)
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster-driver",
		Short:         "A small, complete Longhorn look-alike to test the conformance suite with",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(config.SuggestFlag)
	root.AddCommand(newController(), newNode(), newInventory(), newProbe(), newBackupWorker())
	return root
}

// logger writes structured lines to stderr, those of controller-runtime too.
func logger(role string) *slog.Logger {
	result := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("role", role)
	log.SetLogger(logr.FromSlogHandler(result.Handler()))
	return result
}
