package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/runner"
)

// addNameFlag adds --name, the same in every command about clusters.
func addNameFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "name", cluster.DefaultName, "`name` of the cluster")
}

// addKindFlag adds --cluster, the same in every command about clusters.
func addKindFlag(cmd *cobra.Command, kind *runner.ClusterKind) {
	cmd.Flags().Var(kind, "cluster", "`way` to the cluster: "+runner.ClusterKindNames())
}

// addClusterFlags adds the flags that say what a new cluster is.
func addClusterFlags(cmd *cobra.Command, where *runner.ClusterOptions) {
	addKindFlag(cmd, &where.Kind)
	cmd.Flags().StringVar(&where.NodeImage, "node-image", "", "`image` of the nodes with --cluster kind: local for the one that is built here (default: kind's own)")
}

// providers returns what brings up clusters: of one kind when somebody has chosen
// it, else of all.
func providers(cmd *cobra.Command, kind runner.ClusterKind) ([]cluster.Provider, error) {
	if cmd.Flags().Changed("cluster") {
		return providersOf(kind)
	}
	return providersOf(runner.MadeClusterKinds()...)
}

func providersOf(kinds ...runner.ClusterKind) ([]cluster.Provider, error) {
	var all []cluster.Provider
	for _, kind := range kinds {
		provider, err := runner.ClusterOptions{Kind: kind}.Provider()
		if err != nil {
			return nil, err
		}
		all = append(all, provider)
	}
	return all, nil
}

// anyCluster returns how the cluster of that name is, whatever brought it up.
func anyCluster(ctx context.Context, name string) (*cluster.Status, error) {
	all, err := providersOf(runner.MadeClusterKinds()...)
	if err != nil {
		return nil, err
	}
	return statusOf(ctx, name, all)
}

// statusOf returns how the cluster of that name is, of whichever provider knows it.
// One that none knows is absent.
func statusOf(ctx context.Context, name string, among []cluster.Provider) (*cluster.Status, error) {
	var failures []error
	var found *cluster.Status
	for _, provider := range among {
		status, err := provider.Status(ctx, name)
		failures = append(failures, err)
		if status != nil && (found == nil || found.Phase == cluster.Absent) {
			found = status
		}
	}
	if found != nil && found.Phase != cluster.Absent {
		return found, nil
	}
	return found, errors.Join(failures...)
}
