package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/muster-csi/muster/framework/cluster"
)

// providerName is what cluster.Info calls this package's clusters.
const providerName = "embedded"

// Clusters is the way to embedded clusters in the default state root.
type Clusters struct{}

var _ cluster.Provider = Clusters{}

// Check implements cluster.Provider. A running cluster is never reused.
func (Clusters) Check(_ context.Context, name string, _ bool) error { return Check(name) }

// Needs implements cluster.Provider.
func (Clusters) Needs() (bare, optional []string) { return ComponentNames(), nil }

// Up implements cluster.Provider.
func (Clusters) Up(ctx context.Context, request cluster.Request) (*cluster.Info, error) {
	return Up(ctx, Config{Name: request.Name, Subnet: request.Subnet, Set: request.Set, Progress: request.Progress})
}

// Down implements cluster.Provider.
func (Clusters) Down(ctx context.Context, name string) error { return Down(ctx, name) }

// Status implements cluster.Provider.
func (Clusters) Status(ctx context.Context, name string) (*cluster.Status, error) {
	return Status(ctx, name)
}

// Names implements cluster.Provider.
func (Clusters) Names() ([]string, error) { return Names(StateRoot()) }

// ExportLogs implements cluster.Provider.
func (Clusters) ExportLogs(_ context.Context, name, dir string) error {
	if err := cluster.CheckName(name); err != nil {
		return err
	}
	return exportLogs(newLayout(StateRoot(), name), dir)
}

// exportLogs copies the logs of all components and pods to the directory dest.
func exportLogs(l layout, dest string) error {
	for from, to := range map[string]string{"logs": "components", "var-log/pods": "pods"} {
		target := filepath.Join(dest, to)
		if err := os.MkdirAll(target, 0o755); err != nil {
			return fmt.Errorf("export the logs of cluster %q: %w", l.name, err)
		}
		if err := os.CopyFS(target, os.DirFS(l.file(from))); err != nil {
			return fmt.Errorf("export the logs of cluster %q: %w", l.name, err)
		}
	}
	return nil
}
