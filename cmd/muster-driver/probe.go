package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func newProbe() *cobra.Command {
	var address string
	var timeout time.Duration
	command := &cobra.Command{
		Use:   "probe",
		Short: "Ask the driver behind a CSI socket whether it is ready; for exec probes",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			target := "unix://" + strings.TrimPrefix(address, "unix://")
			connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				return fmt.Errorf("connect to CSI socket %s: %w", address, err)
			}
			defer connection.Close()
			ctx, cancel := context.WithTimeout(command.Context(), timeout)
			defer cancel()
			response, err := csi.NewIdentityClient(connection).Probe(ctx, &csi.ProbeRequest{})
			if err != nil {
				return fmt.Errorf("probe CSI socket %s (is the driver running?): %w", address, err)
			}
			if !response.GetReady().GetValue() {
				return errors.New("the driver is running but not ready yet")
			}
			return nil
		},
	}
	command.Flags().StringVar(&address, "csi-address", "/csi/csi.sock", "unix socket that CSI is served on")
	command.Flags().DurationVar(&timeout, "timeout", time.Second, "how long the driver may take to answer")
	return command
}
