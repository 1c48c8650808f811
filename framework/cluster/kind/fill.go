package kind

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/cluster"
)

// fill loads all images and returns when the nodes are Ready and the DNS answers.
func (s *start) fill(ctx context.Context) error {
	client, err := cluster.Connect(s.layout.kubeconfig())
	if err != nil {
		return err
	}
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.loadAll(both); err != nil {
			return err
		}
		s.steps.Reached("images loaded")
		return nil
	})
	group.Go(func() error {
		if err := awaitNodes(both, client); err != nil {
			return err
		}
		s.steps.Reached("node Ready")
		if err := awaitDNS(both, client); err != nil {
			return err
		}
		s.steps.Reached("cluster DNS ready")
		return nil
	})
	return group.Wait()
}

// awaitNodes returns when every node is Ready.
func awaitNodes(ctx context.Context, client kubernetes.Interface) error {
	last := "no node has registered"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		return len(list.Items) > 0 && allReady(list.Items, &last), nil
	})
	if err != nil {
		return fmt.Errorf("not all nodes became Ready: %s: %w", last, context.Cause(ctx))
	}
	return nil
}

func allReady(list []corev1.Node, last *string) bool {
	for _, node := range list {
		if ready, why := cluster.NodeReady(&node); !ready {
			*last = node.Name + ": " + why
			return false
		}
	}
	return true
}

// awaitDNS returns when the cluster's DNS answers.
func awaitDNS(ctx context.Context, client kubernetes.Interface) error {
	last := "there is no Deployment coredns"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		d, err := client.AppsV1().Deployments("kube-system").Get(ctx, "coredns", metav1.GetOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		last = fmt.Sprintf("%d pods, %d ready", d.Status.Replicas, d.Status.ReadyReplicas)
		return d.Status.ReadyReplicas > 0, nil
	})
	if err != nil {
		return fmt.Errorf("the cluster DNS did not become ready: %s: %w", last, context.Cause(ctx))
	}
	return nil
}
