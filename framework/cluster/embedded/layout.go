package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/muster-csi/muster/framework/cluster"
)

// layout names the paths of one cluster's state on the host.
type layout struct {
	root string // all clusters
	name string
}

// newLayout returns the layout of a cluster below root, made absolute: the
// processes of a cluster run in other directories.
func newLayout(root, name string) layout {
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	return layout{root: root, name: name}
}

// global is the cluster's name where the whole machine sees it: its cgroup and,
// where it fits, its network interface. Clusters of one name in two state
// roots do not meet there.
func (l layout) global() string {
	if l.root == defaultStateRoot {
		return nodeName(l.name)
	}
	sum := sha256.Sum256([]byte(l.root))
	return nodeName(l.name) + "-" + hex.EncodeToString(sum[:2])
}

func (l layout) dir() string          { return filepath.Join(l.root, l.name) }
func (l layout) file(n string) string { return filepath.Join(l.dir(), n) }
func (l layout) lock() string         { return filepath.Join(l.root, "."+l.name+".lock") }
func (l layout) record() string       { return l.file("state.json") }
func (l layout) kubeconfig() string   { return l.file("kubeconfig") }
func (l layout) logs() string         { return l.file("logs") }
func (l layout) log(n string) string  { return filepath.Join(l.logs(), n+".log") }

// make creates the directories that the supervisor mounts. Only keys and data
// are closed to others: who ran sudo may read logs and status.
func (l layout) make() error {
	for _, d := range []struct {
		path string
		mode os.FileMode
	}{
		{l.dir(), 0o755}, {l.logs(), 0o755}, {l.file("etc"), 0o700},
		{l.file("var-lib"), 0o711}, {l.file("var-log"), 0o755},
		{l.file("var-lib/kubelet"), 0o700}, {l.file("var-lib/containerd"), 0o711}, {l.file("var-lib/etcd"), 0o700},
		{l.file("var-log/pods"), 0o755}, {l.file("var-log/containers"), 0o755},
	} {
		if err := os.MkdirAll(d.path, d.mode); err != nil {
			return fmt.Errorf("make the state directory of cluster %q: %w", l.name, err)
		}
	}
	return nil
}

// Names returns the names of all clusters that have a state directory below
// root, running or not.
func Names(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the clusters: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && cluster.CheckName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
