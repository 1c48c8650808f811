package existing

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
)

// Fitted is a cluster in which the specs can run.
type Fitted struct {
	// Target is the driver under test, Kind how it is dealt with (target.Reference or target.Existing).
	Target target.Target
	Kind   string
	// Classes and Store are what the specs use.
	Classes harness.Classes
	Store   backupstore.Store

	config Config
	choice Choice
	client *kube.Client
}

// Fit finds the driver, chooses classes and finds the backupstore, and makes the classes that are missing, marked as
// the client's Making says. Close removes what it has made.
func Fit(ctx context.Context, c *kube.Client, config Config) (*Fitted, error) {
	fitted := &Fitted{config: config, client: c}
	var err error
	if fitted.Kind, err = target.Detect(ctx, c, config.Driver); err != nil {
		return nil, err
	}
	if fitted.Target, err = target.New(fitted.Kind, c.REST, config.Driver, config.Contract); err != nil {
		return nil, err
	}
	if fitted.Store, err = storeFor(ctx, c, config); err != nil {
		return nil, err
	}
	have, err := ClassesOf(ctx, c, config.Driver)
	if err != nil {
		return nil, err
	}
	if fitted.choice, err = Choose(have, config, c.Run); err != nil {
		return nil, err
	}
	fitted.Classes = fitted.choice.Classes
	if err := fitted.choice.Make(ctx, c); err != nil {
		return nil, errors.Join(err, fitted.Close(context.WithoutCancel(ctx)))
	}
	return fitted, nil
}

func storeFor(ctx context.Context, c *kube.Client, config Config) (backupstore.Store, error) {
	if config.Backupstore == NoStore {
		return backupstore.Store{Absent: "the configuration of the cluster says backupstore: none"}, nil
	}
	return StoreOf(ctx, c)
}

// Install brings what the configuration asks for into the cluster, all of it marked as the client's Making says: the
// reference driver with everything around it when reference is set, or only MinIO. Who calls it removes that
// with clean.Clean; it reports whether there is anything, also beside an error.
func Install(ctx context.Context, c *kube.Client, config Config, reference bool, components target.Components) (something bool, err error) {
	if reference {
		return true, target.InstallInto(ctx, c, components, config.Contract)
	}
	if config.Backupstore != InstallStore {
		return false, nil
	}
	if err := backupstore.Install(ctx, c); err != nil {
		return true, err
	}
	cluster, err := ForCleaning(ctx, c, c.Run)
	if err != nil {
		return true, err
	}
	return true, cluster.PointDefaultTarget(ctx, backupstore.Own())
}

// Configure tells the specs what they need to know of the cluster.
func (f *Fitted) Configure(config *harness.Config) {
	config.Target, config.Driver, config.Contract = f.Kind, f.config.Driver, f.config.Contract
	config.Classes, config.Store = f.Classes, f.Store
	config.Registry, config.KeepSettings, config.TimeoutScale = f.config.Registry, f.config.KeepSettings, f.config.TimeoutScale
	config.Shared = true
}

// Made names the classes that were made for the run.
func (f *Fitted) Made() []string { return f.choice.Made() }

// Close removes the classes that were made for the run. It may be called again.
func (f *Fitted) Close(ctx context.Context) error {
	return f.choice.remove(ctx, f.client)
}

// ForCleaning connects to the cluster in order to remove what a run has left: whatever the run was told, the
// driver and the backupstore are those that are there.
func ForCleaning(ctx context.Context, c *kube.Client, run string) (*harness.Cluster, error) {
	kind, err := target.Detect(ctx, c, target.DriverName)
	if err != nil {
		return nil, err
	}
	store, err := StoreOf(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("find the backupstore: %w", err)
	}
	return harness.ConnectTo(rest.CopyConfig(c.REST), harness.Config{
		Target: kind, Contract: target.DefaultContract, Store: store, Run: run, LeakCheck: true, Shared: true,
	})
}
