package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/timeouts"
)

// lookAgain is how often the storage of the nodes is looked at: nothing below Kubernetes can be watched.
const lookAgain = 250 * time.Millisecond

// Rest lists everything of the driver that exists in the cluster and on its nodes now. In a cluster that others
// use as well it lists what the run has made; what that caused in the driver the end of each spec checks.
func (c *Cluster) Rest(ctx context.Context) (leak.Rest, error) {
	list := c.all
	if c.Config.Shared {
		list = c.own
	}
	rest, err := list(ctx)
	if err != nil {
		return nil, err
	}
	objects, err := c.objectsLeft(ctx)
	return slices.Concat(rest, objects), err
}

func (c *Cluster) all(ctx context.Context) (leak.Rest, error) {
	storage, err := c.storage(ctx)
	if err != nil {
		return nil, err
	}
	rest, err := leak.RestOf(ctx, c.plain, c.Config.Driver, storage)
	if err != nil {
		return nil, err
	}
	namespaces, err := leak.Namespaces(ctx, c.plain, client.HasLabels{specLabel})
	return slices.Concat(rest, namespaces), err
}

func (c *Cluster) own(ctx context.Context) (leak.Rest, error) {
	own := func(name string) bool { return runid.In(name, c.Config.Run) }
	rest, err := leak.OwnOf(ctx, c.plain, own)
	if err != nil {
		return nil, err
	}
	namespaces, err := leak.Namespaces(ctx, c.plain, client.MatchingLabels{runid.Label: c.Config.Run})
	return slices.Concat(rest, slices.DeleteFunc(namespaces, func(name string) bool { return !own(name) })), err
}

// storage names what the driver holds on its nodes, nothing when it cannot be asked.
func (c *Cluster) storage(ctx context.Context) ([]string, error) {
	if !c.Target.Capabilities().Inventory {
		return nil, nil
	}
	inventory, err := c.Target.Inventory(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the driver for what it holds: %w", err)
	}
	var storage []string
	for node, text := range inventory {
		names, err := leak.StorageNames(node, text)
		if err != nil {
			return nil, err
		}
		storage = append(storage, names...)
	}
	return storage, nil
}

// WaitNothingLeft waits until nothing exists that was not there before; the error names what does.
func (c *Cluster) WaitNothingLeft(ctx context.Context, before leak.Rest) error {
	budget := timeouts.NothingLeft
	var left error
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		now, err := c.Rest(ctx)
		if err != nil {
			return false, err
		}
		left = now.Since(before)
		return left == nil, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && left != nil {
		return fmt.Errorf("waited %s (timeouts.%s): %w", budget.Limit, budget.Name, left)
	}
	return err
}
