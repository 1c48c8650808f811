package kind

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
)

const (
	// clusterLabel is what kind marks its containers with.
	clusterLabel = "io.x-k8s.kind.cluster"
	// askWithin bounds how long StatusIn waits for an API server that hangs.
	askWithin = 5 * time.Second
)

// container is a node as the engine sees it.
type container struct {
	name    string
	running bool
	state   string // in the engine's words, such as "Exited (137) 2 minutes ago"
}

// containers lists the nodes of a cluster, running or not.
func containers(ctx context.Context, name string) ([]container, error) {
	list, err := docker(ctx, nil, "ps", "--all", "--filter=label="+clusterLabel+"="+name, "--format={{.Names}}\t{{.State}}\t{{.Status}}")
	if err != nil {
		return nil, fmt.Errorf("list the nodes of kind cluster %q: %w", name, err)
	}
	var found []container
	for line := range strings.Lines(list) {
		fields := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if len(fields) == 3 {
			found = append(found, container{name: fields[0], running: fields[1] == "running", state: fields[2]})
		}
	}
	return found, nil
}

// running reports whether all nodes of a cluster run that came up, or that somebody
// else has made with kind.
func running(ctx context.Context, l layout) bool {
	ctx, cancel := context.WithTimeout(ctx, engineWithin)
	defer cancel()
	members, err := containers(ctx, l.name)
	if err != nil || len(members) == 0 || slices.ContainsFunc(members, func(c container) bool { return !c.running }) {
		return false
	}
	r, err := l.load()
	return err == nil && r != nil || !l.begun()
}

// StatusIn says how the cluster of that name is, whose state is below root. A
// cluster that does not exist is no error but phase Absent.
func StatusIn(ctx context.Context, root, name string) (*cluster.Status, error) {
	if err := cluster.CheckName(name); err != nil {
		return nil, err
	}
	l := newLayout(root, name)
	status := &cluster.Status{Info: cluster.Info{Name: name, Provider: providerName}, Phase: cluster.Absent}
	if err := checkEngine(ctx); err != nil {
		if !l.begun() {
			return status, nil
		}
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	members, err := containers(ctx, name)
	if err != nil || len(members) == 0 && !l.begun() {
		return status, err
	}
	status.Kubeconfig, status.StateDir = l.kubeconfig(), l.dir()
	r, err := l.load()
	if err != nil {
		return nil, err
	}
	if r != nil {
		status.Started = r.Started
	}
	if running(ctx, l) {
		status.Phase = cluster.Running
		return status, look(ctx, l, status)
	}
	lock, err := cluster.TryLock(l.lock(), l.name)
	if err != nil { // an up or a down is at work
		status.Phase = cluster.Starting
		return status, nil
	}
	lock.Release()
	status.Phase, status.Reason = cluster.Dead, reason(members, r)
	return status, nil
}

// reason says why a cluster is dead.
func reason(members []container, r *record) string {
	for _, member := range members {
		if !member.running {
			return fmt.Sprintf("its node %s does not run (%s)", member.name, member.state)
		}
	}
	if r == nil {
		return "bringing it up was broken off"
	}
	return "its nodes were removed"
}

// look fills in what the API server knows.
func look(ctx context.Context, l layout, status *cluster.Status) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	nodes, err := library().ListInternalNodes(l.name)
	if err == nil && len(nodes) > 0 {
		status.NodeIP, _, _ = nodes[0].IP()
	}
	client, err := cluster.Connect(l.kubeconfig())
	if err != nil {
		return err
	}
	return status.Look(ctx, client)
}
