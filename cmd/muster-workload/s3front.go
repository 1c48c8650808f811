package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/s3front"
)

// adminAddress is where a front is told what to do, inside its own pod only.
const adminAddress = "127.0.0.1:9001"

func newS3FrontCommand() *cobra.Command {
	var listen, config string
	cmd := &cobra.Command{
		Use:   "s3-front --config DIR",
		Short: "Stand before an S3 store and misbehave on request",
		Long: "DIR holds " + s3front.FileCertificate + ", " + s3front.FileKey + ", " + s3front.FileUpstream + " (the store's URL) and " +
			s3front.FileUpstreamCA + ".\nThe other commands of s3-front talk to a front that runs in the same pod.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runS3Front(cmd, listen, config) },
	}
	cmd.Flags().StringVar(&listen, "listen", ":9000", "host:port to serve S3 on")
	cmd.Flags().StringVar(&config, "config", "", "directory with certificate, key and what is known of the store")
	must(cmd.MarkFlagRequired("config"))
	remote := s3front.Remote{Address: adminAddress}
	cmd.AddCommand(
		&cobra.Command{Use: "set JSON", Short: "Misbehave in this way from now on", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			fault, err := s3front.ParseFault([]byte(args[0]))
			if err != nil {
				return err
			}
			return remote.Set(cmd.Context(), fault)
		}},
		&cobra.Command{Use: "clear", Short: "Behave again", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return remote.Clear(cmd.Context())
		}},
		&cobra.Command{Use: "stats", Short: "Print what was counted, as JSON", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			stats, err := remote.Stats(cmd.Context())
			if err != nil {
				return err
			}
			return printJSON(cmd, stats)
		}},
		&cobra.Command{Use: "ready", Short: "Fail as long as the front does not serve", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return remote.Ready(cmd.Context())
		}},
	)
	return cmd
}

// runS3Front serves until the command's context ends.
func runS3Front(cmd *cobra.Command, listen, directory string) error {
	ctx := cmd.Context()
	config, err := s3front.ReadConfig(directory)
	if err != nil {
		return err
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's trace; what matters is in our own log
	config.Listen, config.Log = listen, log.New(cmd.ErrOrStderr(), "", log.LstdFlags|log.LUTC)
	front, err := s3front.Start(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = front.Close(ctx) }() // connections that are in use are cut off
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", adminAddress)
	if err != nil {
		return fmt.Errorf("cannot listen for what to do: %w", err)
	}
	admin := &http.Server{Handler: front.Admin(), ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { admin.Close() })
	if err := admin.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
