//go:build linux

package embedded

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// askWithin bounds how long Status waits for an API server that hangs.
const askWithin = 5 * time.Second

// Status says how the cluster of that name is, in the default state root.
func Status(ctx context.Context, name string) (*cluster.Status, error) {
	return StatusIn(ctx, StateRoot(), name)
}

// StatusIn says how the cluster of that name below root is. A cluster that
// does not exist is no error but phase Absent.
func StatusIn(ctx context.Context, root, name string) (*cluster.Status, error) {
	if err := cluster.CheckName(name); err != nil {
		return nil, err
	}
	l := newLayout(root, name)
	status := &cluster.Status{Info: cluster.Info{Name: name, Provider: providerName}, Phase: cluster.Absent}
	r, err := loadRecord(l)
	if errors.Is(err, errNoRecord) {
		return status, nil
	}
	if err != nil {
		return nil, err
	}
	status.Info, status.Subnet = *r.info(l), r.Subnet
	status.Started = r.Started
	switch {
	case !r.running():
		status.Phase, status.Reason = cluster.Dead, endReason(l)
		return status, nil
	case !r.Committed:
		status.Phase = cluster.Starting
		return status, nil
	}
	status.Phase = cluster.Running
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return status, describe(ctx, l, status)
}

// endReason returns what the first process left about its end.
func endReason(l layout) string {
	reason, err := os.ReadFile(l.file(supervisor.EndFile))
	if err != nil {
		return "its first process was killed"
	}
	return strings.TrimSpace(string(reason))
}

// describe fills in what the API server knows.
func describe(ctx context.Context, l layout, status *cluster.Status) error {
	client, err := cluster.Connect(l.kubeconfig())
	if err != nil {
		return err
	}
	return status.Look(ctx, client)
}
