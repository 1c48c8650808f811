package cluster

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Look fills in what the API server knows of the cluster: its nodes and pods.
func (s *Status) Look(ctx context.Context, client kubernetes.Interface) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("ask cluster %q for its nodes: %w", s.Name, err)
	}
	var names []string
	s.Ready = len(nodes.Items) > 0
	for _, node := range nodes.Items {
		names = append(names, node.Name)
		ready, _ := NodeReady(&node)
		s.Ready = s.Ready && ready
	}
	s.Node = strings.Join(names, ", ")
	pods, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("ask cluster %q for its pods: %w", s.Name, err)
	}
	for _, pod := range pods.Items {
		s.Pods++
		if podReady(&pod) {
			s.Running++
		} else {
			s.Waiting = append(s.Waiting, pod.Namespace+"/"+pod.Name)
		}
	}
	return nil
}

// NodeReady tells whether the node reports Ready, and what it reports else.
func NodeReady(node *corev1.Node) (bool, string) {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue, strings.TrimSpace(c.Reason + ": " + c.Message)
		}
	}
	return false, "it has not reported its condition"
}

func podReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue || c.Reason == "PodCompleted"
		}
	}
	return false
}
