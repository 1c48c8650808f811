package kube

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/timeouts"
)

// PodReady waits until the pod is ready. One that has ended never will be. The
// error of a wait in vain also tells what the pod is doing.
func (c *Client) PodReady(ctx context.Context, namespace, name string, budget timeouts.Budget) error {
	ref := Ref{Resource: Pods, Namespace: namespace, Name: name}
	last, err := Until(ctx, c, ref, budget, "be ready", podReady)
	if err != nil && last != nil {
		return Further(err, c.DescribePod(context.WithoutCancel(ctx), last))
	}
	return err
}

func podReady(pod *corev1.Pod) (bool, string, error) {
	if pod == nil {
		return false, "it does not exist", nil
	}
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return false, "it has ended", errors.New("its program ended before it was ready")
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			return true, "ready", nil
		}
	}
	return false, "phase " + string(pod.Status.Phase), nil
}

// DeploymentReady waits until the Deployment's present generation runs with all
// replicas available and no pod of an older one is left. The error of a wait in
// vain also tells what its pods are doing.
func (c *Client) DeploymentReady(ctx context.Context, namespace, name string, budget timeouts.Budget) error {
	ref := Ref{Resource: Deployments, Namespace: namespace, Name: name}
	last, err := Until(ctx, c, ref, budget, "be ready", func(d *appsv1.Deployment) (bool, string, error) {
		if d == nil {
			return false, "it does not exist", nil
		}
		want, s := int32(1), d.Status
		if d.Spec.Replicas != nil {
			want = *d.Spec.Replicas
		}
		held := s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == want && s.AvailableReplicas == want && s.Replicas == want
		return held, fmt.Sprintf("%d of %d replicas up to date, %d available", s.UpdatedReplicas, want, s.AvailableReplicas), nil
	})
	if err != nil && last != nil {
		return Further(err, c.DescribePods(ctx, namespace, metav1.FormatLabelSelector(last.Spec.Selector)))
	}
	return err
}

// DaemonSetReady waits until the DaemonSet's present generation is available on
// every node that it belongs to, and on one at least. The error of a wait in
// vain also tells what its pods are doing.
func (c *Client) DaemonSetReady(ctx context.Context, namespace, name string, budget timeouts.Budget) error {
	ref := Ref{Resource: DaemonSets, Namespace: namespace, Name: name}
	last, err := Until(ctx, c, ref, budget, "be ready", func(d *appsv1.DaemonSet) (bool, string, error) {
		if d == nil {
			return false, "it does not exist", nil
		}
		want, s := d.Status.DesiredNumberScheduled, d.Status
		held := s.ObservedGeneration >= d.Generation && want > 0 && s.UpdatedNumberScheduled == want && s.NumberAvailable == want
		return held, fmt.Sprintf("%d of %d nodes up to date, %d available", s.UpdatedNumberScheduled, want, s.NumberAvailable), nil
	})
	if err != nil && last != nil {
		return Further(err, c.DescribePods(ctx, namespace, metav1.FormatLabelSelector(last.Spec.Selector)))
	}
	return err
}
