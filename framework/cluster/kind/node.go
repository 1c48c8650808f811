package kind

import (
	"context"
	"fmt"
	"path"

	"sigs.k8s.io/kind/pkg/cluster/nodes"

	"github.com/muster-csi/muster/framework/cluster"
)

// firstInPath is the directory that programs are looked for in first.
const firstInPath = "/usr/local/sbin"

// node is a container of a kind cluster.
type node struct{ nodes.Node }

var _ cluster.Node = node{}

// Name implements cluster.Node.
func (n node) Name() string { return n.String() }

// LoadArchive implements cluster.Node.
func (n node) LoadArchive(_ context.Context, archive string) error {
	return loadArchive(n.Node, archive)
}

// Put implements cluster.Node.
func (n node) Put(ctx context.Context, program string, names ...string) error {
	for _, name := range names {
		if _, err := docker(ctx, nil, "cp", program, n.String()+":"+path.Join(firstInPath, name)); err != nil {
			return fmt.Errorf("put %s onto node %s: %w", name, n, err)
		}
	}
	return nil
}

// Run implements cluster.Node.
func (n node) Run(ctx context.Context, command ...string) (string, error) {
	out, err := docker(ctx, nil, append([]string{"exec", "--privileged", n.String()}, command...)...)
	if err != nil {
		return out, fmt.Errorf("run %s on node %s: %w", command[0], n, err)
	}
	return out, nil
}

// Start implements cluster.Node.
func (n node) Start(ctx context.Context, name string, command ...string) error {
	logged := []string{"exec", "--detach", "--privileged", n.String(), "sh", "-c", `log=$1; shift; exec "$@" >"$log" 2>&1`, "sh", "/var/log/" + name + ".log"}
	if _, err := docker(ctx, nil, append(logged, command...)...); err != nil {
		return fmt.Errorf("start %s on node %s: %w", name, n, err)
	}
	return nil
}
