package kind

import (
	"context"
	"fmt"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// nodeComponent is the node image's name among the components.
const nodeComponent = "kind-node"

// providerName is what cluster.Info calls this package's clusters.
const providerName = "kind"

// Clusters is the way to kind clusters in the default state root.
type Clusters struct {
	// NodeImage is as in Config.
	NodeImage string
}

var _ cluster.Provider = Clusters{}

// Check implements cluster.Provider.
func (Clusters) Check(ctx context.Context, name string, reuse bool) error {
	if err := cluster.CheckName(name); err != nil {
		return err
	}
	if err := checkEngine(ctx); err != nil {
		return err
	}
	root, err := StateRoot()
	if err != nil {
		return err
	}
	return refuse(ctx, newLayout(root, name), reuse)
}

// Needs implements cluster.Provider. What a cluster is made of is in the node image.
func (c Clusters) Needs() (bare, optional []string) {
	bare = []string{"kubectl", "muster-workload"}
	if c.NodeImage == LocalImage {
		return append(bare, nodeComponent), []string{nodeComponent}
	}
	return bare, nil
}

// Up implements cluster.Provider.
func (c Clusters) Up(ctx context.Context, request cluster.Request) (*cluster.Info, error) {
	if request.Subnet != "" {
		return nil, fmt.Errorf("a kind cluster takes its ranges from %s, not %s from --subnet: set networking.podSubnet and serviceSubnet there", configFile, request.Subnet)
	}
	return Up(ctx, Config{Name: request.Name, NodeImage: c.NodeImage, Reuse: request.Reuse, Set: request.Set, Progress: request.Progress})
}

// Down implements cluster.Provider.
func (Clusters) Down(ctx context.Context, name string) error {
	root, err := StateRoot()
	if err != nil {
		return err
	}
	return DownIn(ctx, root, name)
}

// Status implements cluster.Provider.
func (Clusters) Status(ctx context.Context, name string) (*cluster.Status, error) {
	root, err := StateRoot()
	if err != nil {
		return nil, err
	}
	return StatusIn(ctx, root, name)
}

// Names implements cluster.Provider.
func (Clusters) Names() ([]string, error) {
	root, err := StateRoot()
	if err != nil {
		return nil, err
	}
	return Names(root)
}

// Nodes implements cluster.Provider.
func (Clusters) Nodes(ctx context.Context, name string, _ *components.Set) ([]cluster.Node, error) {
	if err := checkEngine(ctx); err != nil {
		return nil, err
	}
	members, err := library().ListInternalNodes(name)
	if err != nil {
		return nil, fmt.Errorf("list the nodes of kind cluster %q: %w", name, err)
	}
	var found []cluster.Node
	for _, member := range members {
		found = append(found, node{member})
	}
	return found, nil
}

// ExportLogs implements cluster.Provider.
func (Clusters) ExportLogs(ctx context.Context, name, dir string) error {
	if err := checkEngine(ctx); err != nil {
		return err
	}
	return exportLogs(name, dir)
}
