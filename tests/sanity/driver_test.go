package sanity

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/go-logr/logr"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/controller"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/identity"
	"github.com/muster-csi/muster/driver/node"
	"github.com/muster-csi/muster/driver/reconcile"
	"github.com/muster-csi/muster/driver/server"
)

const nodeName = "sanity-node"

// driver is both roles of the driver in this process.
type driver struct {
	socket  string
	objects client.WithWatch
	data    *engine.Engine
}

// startDriver runs both roles of the driver on one socket until the test ends.
// What they log goes to driver.log in the directory MUSTER_TEST_LOGS, if set.
func startDriver(t *testing.T, cluster *rest.Config) *driver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // the driver outlives the test's own context
	logger := slog.New(slog.NewJSONHandler(logFile(t), nil))
	log.SetLogger(logr.FromSlogHandler(logger.Handler()))
	settings := config.Common{DriverName: api.DefaultDriverName, Namespace: api.DefaultNamespace, Contract: config.LatestContract()}

	data, err := engine.Open(ctx, engine.Options{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := api.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := client.NewWithWatch(cluster, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	reconcilers, err := reconcile.NewManager(ctx, cluster, reconcile.Options{
		Node: nodeName, Namespace: settings.Namespace, DataDir: "data", Engine: data, Contract: settings.Contract, Log: logger,
		PodLabels: map[string]string{"app": nodeName},
	})
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "csi.sock")
	listener, err := server.Listen(ctx, socket)
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return reconcilers.Start(ctx) })
	group.Go(func() error {
		return server.Serve(ctx, listener, logger, func(s *grpc.Server) {
			csi.RegisterIdentityServer(s, &identity.Server{Name: settings.DriverName, Contract: settings.Contract})
			csi.RegisterControllerServer(s, controller.New(objects, settings, logger))
			csi.RegisterNodeServer(s, node.New(node.Config{NodeName: nodeName, Engine: data, Contract: settings.Contract}))
		})
	})
	t.Cleanup(func() {
		cancel()
		if err := group.Wait(); err != nil {
			t.Errorf("the driver failed: %v", err)
		}
		if err := data.Close(); err != nil {
			t.Errorf("close the engine: %v", err)
		}
	})
	awaitNode(t, objects)
	return &driver{socket, objects, data}
}

// awaitNode waits until the node has reported its capacity, from when on volumes can be made.
func awaitNode(t *testing.T, objects client.Client) {
	t.Helper()
	key := client.ObjectKey{Namespace: api.DefaultNamespace, Name: nodeName}
	var node longhorn.Node
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		err := objects.Get(ctx, key, &node)
		return err == nil && len(node.Status.DiskStatus) > 0, client.IgnoreNotFound(err)
	})
	if err != nil {
		t.Fatalf("node %s reported no capacity within a minute (%v); it is %+v", nodeName, err, node.Status)
	}
}

func logFile(t *testing.T) *os.File {
	t.Helper()
	dir := os.Getenv("MUSTER_TEST_LOGS")
	if dir == "" {
		dir = t.TempDir()
	}
	file, err := os.Create(filepath.Join(dir, "driver.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
