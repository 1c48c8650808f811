package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func newSocketProxyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "socket-proxy ADDRESS=SOCKET...",
		Short: "Make unix sockets reachable by TCP",
		Long: "Each connection to ADDRESS (host:port) is passed on to SOCKET (a path), which need not exist\n" +
			"before the first: a program that starts again may make its socket anew.",
		Example: "muster-workload socket-proxy 127.0.0.1:9001=/csi/csi.sock",
		Args:    cobra.MinimumNArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		group, ctx := errgroup.WithContext(cmd.Context())
		for _, arg := range args {
			group.Go(func() error { return proxySocket(ctx, arg) })
		}
		return group.Wait()
	}
	cmd.AddCommand(&cobra.Command{
		Use: "ready ADDRESS=SOCKET...", Short: "Fail as long as an ADDRESS is not served", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args {
				address, _, _ := strings.Cut(arg, "=")
				conn, err := new(net.Dialer).DialContext(cmd.Context(), "tcp", address)
				if err != nil {
					return fmt.Errorf("not ready: %w", err)
				}
				conn.Close()
			}
			return nil
		},
	})
	return cmd
}

// proxySocket serves what one argument asks for until the context ends.
func proxySocket(ctx context.Context, arg string) error {
	address, socket, found := strings.Cut(arg, "=")
	if !found {
		return fmt.Errorf("%q is not ADDRESS=SOCKET, such as 127.0.0.1:9001=/csi/csi.sock", arg)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen for what goes to %s: %w", socket, err)
	}
	return passOn(ctx, listener, socket)
}

// passOn serves the listener until the context ends.
func passOn(ctx context.Context, listener net.Listener, socket string) error {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		client, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept a connection for %s: %w", socket, err)
		}
		go connect(ctx, client, socket)
	}
}

// connect copies both ways until both sides have said all. A socket that cannot
// be reached closes the client's connection, who then knows and may try again.
func connect(ctx context.Context, client net.Conn, socket string) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	defer context.AfterFunc(ctx, func() { client.Close(); server.Close() })()
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			if half, can := pair[0].(interface{ CloseWrite() error }); can {
				_ = half.CloseWrite()
			}
		})
	}
	both.Wait()
}
