package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/identity"
	"github.com/muster-csi/muster/driver/image"
	"github.com/muster-csi/muster/driver/node"
	"github.com/muster-csi/muster/driver/reconcile"
	"github.com/muster-csi/muster/driver/server"
)

func newNode() *cobra.Command {
	var settings config.Node
	command := &cobra.Command{
		Use:   "node",
		Short: "Serve the CSI node service and keep this node's data as the longhorn.io objects say",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := settings.Validate(); err != nil {
				return err
			}
			return runNode(command.Context(), settings)
		},
	}
	settings.Bind(command.Flags())
	return command
}

func runNode(ctx context.Context, settings config.Node) (err error) {
	log := logger("node").With("node", settings.NodeName)
	log.Info("starting", "contract", settings.Contract.String(), "deviations", settings.Deviations.String())
	data, err := engine.Open(ctx, engine.Options{Dir: settings.DataDir, PoolSize: settings.PoolSize})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	data.SetDeviations(settings.Deviations)
	cluster, err := connect(ctx, settings.Kubeconfig, log)
	if err != nil {
		return err
	}
	reconcilers, err := reconcile.NewManager(ctx, cluster, reconcile.Options{
		Node: settings.NodeName, Namespace: settings.Namespace, DataDir: settings.DataDir,
		Engine: data, Backups: backup.Runner{Stall: settings.BackupStall}, PodLabels: settings.PodSelector,
		Downloads:     image.Downloader{Allow: settings.DownloadAllow, MaxBytes: settings.DownloadLimit},
		UploadAddress: settings.UploadAddress,
		Contract:      settings.Contract, Deviations: settings.Deviations, Log: log,
	})
	if err != nil {
		return err
	}
	return serveNode(ctx, settings, data, reconcilers, log)
}

// serveNode runs the reconcilers, the CSI socket and the registration with the
// kubelet until ctx ends or one of them fails.
func serveNode(ctx context.Context, settings config.Node, data *engine.Engine, reconcilers manager.Manager, log *slog.Logger) error {
	listener, err := server.Listen(ctx, settings.CSIAddress)
	if err != nil {
		return err
	}
	var synced atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return reconcilers.Start(ctx) })
	group.Go(func() error {
		synced.Store(reconcilers.GetCache().WaitForCacheSync(ctx))
		return nil
	})
	group.Go(func() error {
		return server.Serve(ctx, listener, log, func(s *grpc.Server) {
			csi.RegisterIdentityServer(s, &identity.Server{Name: settings.DriverName, Contract: settings.Contract, Deviations: settings.Deviations, Ready: synced.Load})
			csi.RegisterNodeServer(s, node.New(node.Config{
				NodeName: settings.NodeName, Engine: data, Contract: settings.Contract, Deviations: settings.Deviations,
			}))
		})
	})
	group.Go(func() error {
		return node.Register(ctx, node.Registration{
			DriverName: settings.DriverName, Dir: settings.RegistrationDir, Endpoint: settings.KubeletCSIPath,
		})
	})
	return group.Wait()
}
