package target

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/logs"
)

// reference is the driver of this repository, installed from fixtures/driver.
type reference struct {
	components Components
	client     func() (*kube.Client, error)

	mutex    sync.Mutex
	contract string
}

// NewReference returns the reference driver in the cluster of config, installed
// or not, which follows the contract of that Longhorn version or, for "", of
// the default one. Components may be nil when Install is not called.
func NewReference(config *rest.Config, components Components, contract string) Target {
	return &reference{
		components: components,
		client:     sync.OnceValues(func() (*kube.Client, error) { return kube.New(config) }),
		contract:   cmp.Or(contract, DefaultContract),
	}
}

// Name implements Target.
func (r *reference) Name() string { return Reference }

// Capabilities implements Target.
func (r *reference) Capabilities() Capabilities {
	return Capabilities{Options: true, Inventory: true, Images: true, Sockets: true}
}

// Contract implements Target.
func (r *reference) Contract() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.contract
}

// Install implements Target: Longhorn's kinds, the driver and its classes. The
// classes need the snapshot kinds, which installing the snapshot controller
// brings.
func (r *reference) Install(ctx context.Context) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	if err := installKinds(ctx, c, r.components, "snapshot-crds", "longhorn-crds"); err != nil {
		return err
	}
	return installDriver(ctx, c, r.Contract())
}

// logSources are the pods of driver and sidecars.
var logSources = []logs.Source{
	{Namespace: Namespace, Label: "app=" + controllerName}, {Namespace: Namespace, Label: "app=" + nodeName},
	{Namespace: "kube-system", Label: "app=" + snapshotController},
}

// Logs implements Target.
func (r *reference) Logs(ctx context.Context, since time.Time) (map[string][]byte, error) {
	c, err := r.client()
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, of := range logSources {
		some, err := c.Logs(ctx, of.Namespace, of.Label, since)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// FollowLogs implements Target.
func (r *reference) FollowLogs(ctx context.Context, dir string) (*logs.Follower, error) {
	c, err := r.client()
	if err != nil {
		return nil, err
	}
	return logs.Follow(ctx, c.Core, dir, logSources...)
}

// Versions implements Target: what was built, if known, the images that run
// and the API server.
func (r *reference) Versions(ctx context.Context) (map[string]string, error) {
	c, err := r.client()
	if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	if r.components != nil {
		maps.Copy(versions, r.components.Versions())
	}
	server, err := c.Core.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("cannot ask the API server for its version: %w", err)
	}
	versions["kubernetes"] = server.GitVersion
	images, err := runningImages(ctx, c)
	if err != nil {
		return nil, err
	}
	maps.Copy(versions, images)
	return versions, nil
}
