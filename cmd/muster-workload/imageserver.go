package main

import (
	"fmt"
	"log"
	"net"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/imageserver"
)

func newImageServerCommand() *cobra.Command {
	var address, dir string
	cmd := &cobra.Command{
		Use:   "image-server --dir DIR",
		Short: "Offer disk images over HTTP, as good servers and bad ones do",
		Long: "Images are made in DIR when they are first asked for, at /<behaviour>/<image>.\n" +
			"The other commands of image-server talk to one that runs.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runImageServer(cmd, address, dir) },
	}
	cmd.Flags().StringVar(&address, "address", ":8080", "host:port to serve on")
	cmd.Flags().StringVar(&dir, "dir", "", "directory for the images")
	must(cmd.MarkFlagRequired("dir"))
	var remote imageserver.Remote
	cmd.PersistentFlags().StringVar(&remote.Address, "server", "127.0.0.1:8080", "host:port of the server to talk to")
	cmd.AddCommand(
		&cobra.Command{Use: "sums IMAGE", Short: "Print sizes and checksums of an image, as JSON", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			sums, err := remote.Sums(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printJSON(cmd, sums)
		}},
		&cobra.Command{Use: "stats", Short: "Print what was counted, as JSON", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			stats, err := remote.Stats(cmd.Context())
			if err != nil {
				return err
			}
			return printJSON(cmd, stats)
		}},
		&cobra.Command{Use: "ready", Short: "Fail as long as the server does not serve", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return remote.Ready(cmd.Context())
		}},
	)
	return cmd
}

// runImageServer serves until the command's context ends.
func runImageServer(cmd *cobra.Command, address, dir string) error {
	server, err := imageserver.New(dir, log.New(cmd.ErrOrStderr(), "", log.LstdFlags|log.LUTC))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen for requests, give another --address: %w", err)
	}
	return server.Serve(cmd.Context(), listener)
}
