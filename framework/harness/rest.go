package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/timeouts"
)

// lookAgain is how often the storage of the nodes is looked at: nothing below Kubernetes can be watched.
const lookAgain = 250 * time.Millisecond

// Rest lists everything of the driver that exists in the cluster and on its nodes now.
func (c *Cluster) Rest(ctx context.Context) (leak.Rest, error) {
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
	rest, err := leak.RestOf(ctx, c.Client, DriverName, storage)
	if err != nil {
		return nil, err
	}
	namespaces, err := leak.Namespaces(ctx, c.Client, specLabel)
	if err != nil {
		return nil, err
	}
	objects, err := c.objectsLeft(ctx)
	return slices.Concat(rest, namespaces, objects), err
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
