package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// Registration says how the kubelet finds the driver.
type Registration struct {
	// DriverName is the CSI driver name.
	DriverName string
	// Dir is the directory that the kubelet watches, as seen by this process.
	Dir string
	// Endpoint is the path of the CSI socket, as seen by the kubelet.
	Endpoint string
}

// Register announces the driver to the kubelet until ctx ends. It returns an
// error when the socket cannot be made or the kubelet refuses the driver; the
// caller should end then, for without the kubelet a node service is no use.
func Register(ctx context.Context, config Registration) error {
	path := filepath.Join(config.Dir, config.DriverName+"-reg.sock")
	// The kubelet takes a new file as a new registration, so one that a killed
	// driver left has to go.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old registration socket: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("listen for the kubelet (is its plugins_registry directory mounted at %s?): %w", config.Dir, err)
	}
	refused := make(chan error, 1)
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, &registrar{config: config, refused: refused})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer server.GracefulStop() // the kubelet gets the answer to its last call
	select {
	case <-ctx.Done():
		return nil
	case err := <-refused:
		return err
	case err := <-ended:
		return fmt.Errorf("serve registration socket %s: %w", path, err)
	}
}

// registrar answers the kubelet's questions about the driver.
type registrar struct {
	registration.UnsafeRegistrationServer
	config  Registration
	refused chan<- error
}

// GetInfo names the driver and its CSI socket.
func (r *registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              r.config.DriverName,
		Endpoint:          r.config.Endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

// NotifyRegistrationStatus takes the kubelet's verdict.
func (r *registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !status.PluginRegistered {
		select {
		case r.refused <- fmt.Errorf("kubelet refused driver %s: %s", r.config.DriverName, status.Error):
		default: // one reason is enough
		}
	}
	return &registration.RegistrationStatusResponse{}, nil
}
