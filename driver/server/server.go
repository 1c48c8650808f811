// Package server serves CSI over a unix socket and writes one structured line
// for every call: method, name or id, code, seconds. It knows no CSI service.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
)

// stopGrace is how long running calls may go on after the context ended. It is
// short because every call may be repeated.
const stopGrace = time.Second

// Listen opens the socket at the address, which may carry the prefix unix://. A
// stale socket of an earlier process is replaced. From then on callers connect
// and wait, so Serve may follow later.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	path := strings.TrimPrefix(address, "unix://")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of CSI socket %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the stale CSI socket %s: %w", path, err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on CSI socket %s (is its directory mounted and writable?): %w", path, err)
	}
	return listener, nil
}

// Serve serves what register adds until ctx ends, then lets running calls
// finish for a moment.
func Serve(ctx context.Context, listener net.Listener, log *slog.Logger, register func(*grpc.Server)) error {
	server := grpc.NewServer(grpc.UnaryInterceptor(logCalls(log)))
	register(server)
	stopped := make(chan struct{})
	defer context.AfterFunc(ctx, func() { stop(server); close(stopped) })()
	log.Info("serving CSI", "socket", listener.Addr().String())
	if err := server.Serve(listener); err != nil {
		return fmt.Errorf("serve CSI on %s: %w", listener.Addr(), err)
	}
	<-stopped
	return nil
}

func stop(server *grpc.Server) {
	timer := time.AfterFunc(stopGrace, server.Stop)
	defer timer.Stop()
	server.GracefulStop()
}
