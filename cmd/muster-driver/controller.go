package main

import (
	"context"
	"fmt"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/controller"
	"github.com/muster-csi/muster/driver/identity"
	"github.com/muster-csi/muster/driver/server"
)

func newController() *cobra.Command {
	var settings config.Controller
	command := &cobra.Command{
		Use:   "controller",
		Short: "Serve the CSI controller: create and read longhorn.io objects, move no data",
		Args:  cobra.NoArgs,
		RunE:  func(command *cobra.Command, _ []string) error { return runController(command.Context(), settings) },
	}
	settings.Bind(command.Flags())
	return command
}

func runController(ctx context.Context, settings config.Controller) error {
	log := logger("controller")
	log.Info("starting", "contract", settings.Contract.String(), "deviations", settings.Deviations.String())
	listener, err := server.Listen(ctx, settings.CSIAddress)
	if err != nil {
		return err
	}
	cluster, err := connect(ctx, settings.Kubeconfig, log)
	if err != nil {
		return err
	}
	scheme, err := api.NewScheme()
	if err != nil {
		return fmt.Errorf("build the scheme of longhorn.io/v1beta2: %w", err)
	}
	objects, err := client.NewWithWatch(cluster, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("make a client of the API server: %w", err)
	}
	service := controller.New(objects, settings.Common, log)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return service.RunDefects(ctx) })
	group.Go(func() error {
		return server.Serve(ctx, listener, log, func(s *grpc.Server) {
			csi.RegisterIdentityServer(s, &identity.Server{Name: settings.DriverName, Contract: settings.Contract, Deviations: settings.Deviations})
			csi.RegisterControllerServer(s, service)
		})
	})
	return group.Wait()
}
