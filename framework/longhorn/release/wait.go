package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"golang.org/x/sync/errgroup"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// lookEvery is how often lists are read while waiting.
const lookEvery = time.Second

const (
	manager   = "longhorn-manager"
	csiPlugin = "longhorn-csi-plugin"
	// storageClass is the one that Longhorn makes of its ConfigMap.
	storageClass = "longhorn"
)

// sidecars are the Deployments that the driver's deployer makes.
var sidecars = []string{"csi-attacher", "csi-provisioner", "csi-resizer", "csi-snapshotter"}

var instanceManagers = longhornv1beta2.SchemeGroupVersion.WithResource("instancemanagers")

// Await returns when Longhorn works: its manager, the deployer of its driver, sidecars and
// plugin, an instance manager on every node, and its StorageClass. It ends as soon as one
// of its pods is known to never start, and says why.
func (r *Release) Await(ctx context.Context, c *kube.Client) error {
	watching, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() { stop(r.watch(watching, c)) }()
	err := r.await(watching, c)
	// What the watch has found is the cause of what the waits say.
	if cause := context.Cause(watching); err != nil && cause != nil && ctx.Err() == nil {
		return cause
	}
	return err
}

func (r *Release) await(ctx context.Context, c *kube.Client) error {
	group, ctx := errgroup.WithContext(ctx)
	budget := timeouts.LonghornReady
	for _, name := range []string{manager, csiPlugin} {
		group.Go(func() error { return c.DaemonSetReady(ctx, longhorn.Namespace, name, budget) })
	}
	for _, name := range append([]string{deployer}, sidecars...) {
		group.Go(func() error { return c.DeploymentReady(ctx, longhorn.Namespace, name, budget) })
	}
	group.Go(func() error {
		_, err := kube.Until(ctx, c, kube.Ref{Resource: kube.StorageClasses, Name: storageClass}, budget, "be there", func(class *storagev1.StorageClass) (bool, string, error) {
			return class != nil, "it does not exist", nil
		})
		return err
	})
	group.Go(func() error { return awaitInstanceManagers(ctx, c, budget) })
	return group.Wait()
}

// awaitInstanceManagers waits until each of Longhorn's nodes has one that runs: without, no volume is attached.
func awaitInstanceManagers(ctx context.Context, c *kube.Client, budget timeouts.Budget) error {
	seen := "there is none"
	err := wait.PollUntilContextTimeout(ctx, lookEvery, budget.Limit, true, func(ctx context.Context) (bool, error) {
		managers, err := kube.List[longhornv1beta2.InstanceManager](ctx, c, instanceManagers, longhorn.Namespace, metav1.ListOptions{})
		if err != nil || len(managers) == 0 {
			return false, nil // the kind is new, or the manager has not begun
		}
		var waiting []string
		for _, of := range managers {
			if of.Status.CurrentState != longhornv1beta2.InstanceManagerStateRunning {
				waiting = append(waiting, fmt.Sprintf("%s on node %s is %s", of.Name, of.Spec.NodeID, of.Status.CurrentState))
			}
		}
		seen = strings.Join(waiting, ", ")
		return len(waiting) == 0, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("waited %s (timeouts.%s) for Longhorn's instance managers to run; last seen: %s; %s",
			budget.Limit, budget.Name, seen, c.DescribePods(ctx, longhorn.Namespace, "longhorn.io/component=instance-manager"))
	}
	return err
}

// watch looks at Longhorn's pods until one of them is known to never start, and returns why.
func (r *Release) watch(ctx context.Context, c *kube.Client) error {
	trouble := newTrouble(r.remedy())
	return wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		pods, err := c.Core.CoreV1().Pods(longhorn.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil // the waits will say it
		}
		if why := trouble.in(pods.Items, time.Now()); why != "" {
			return false, errors.New(why)
		}
		return false, nil
	})
}

// remedy is what to do about an image that cannot be pulled.
func (r *Release) remedy() string {
	if r.Dir == "" {
		return "let the nodes reach the registry, or put its tar into a directory with " + ManifestFile + ", and all others, and give that: LONGHORN_DIR=<directory>"
	}
	return "put its tar into LONGHORN_DIR"
}
