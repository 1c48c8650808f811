package target

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// driverReady waits until both parts of the driver run and every node's kubelet
// has accepted it.
func driverReady(ctx context.Context, c *kube.Client) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.DeploymentReady(ctx, Namespace, controllerName, timeouts.AddonReady) })
	group.Go(func() error {
		if err := c.DaemonSetReady(ctx, Namespace, nodeName, timeouts.AddonReady); err != nil {
			return err
		}
		return registeredBy(ctx, c, "app="+nodeName)
	})
	return group.Wait()
}

// registeredBy waits until the kubelet of each node knows the driver that a pod with the label serves there.
func registeredBy(ctx context.Context, c *kube.Client, label string) error {
	pods, err := c.Core.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{LabelSelector: label})
	if err != nil {
		return fmt.Errorf("cannot list the driver's node pods: %w", err)
	}
	for _, pod := range pods.Items {
		ref := kube.Ref{Resource: kube.CSINodes, Name: pod.Spec.NodeName}
		if _, err := kube.Until(ctx, c, ref, timeouts.DriverRegistered, "list "+DriverName, listsDriver); err != nil {
			return fmt.Errorf("%w; %s", err, c.DescribePods(ctx, Namespace, label))
		}
	}
	return nil
}

func listsDriver(node *storagev1.CSINode) (bool, string, error) {
	if node == nil {
		return false, "the kubelet has made no CSINode yet", nil
	}
	var names []string
	for _, driver := range node.Spec.Drivers {
		if driver.Name == DriverName {
			return true, "listed", nil
		}
		names = append(names, driver.Name)
	}
	return false, "drivers [" + strings.Join(names, " ") + "]", nil
}
