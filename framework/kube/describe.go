package kube

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// describeLimit bounds looking for an explanation of a failure.
const describeLimit = 5 * time.Second

// tailLines is how much of a failing container's log goes into an error.
const tailLines = 8

// DescribePods tells what the pods with the label are doing, with the last log
// lines of containers that are not ready. It never fails: what cannot be found
// out is said instead. It also works when ctx has ended.
func (c *Client) DescribePods(ctx context.Context, namespace, label string) string {
	// The caller's deadline may have passed; the explanation is still wanted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), describeLimit)
	defer cancel()
	pods, err := c.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: label})
	if err != nil {
		return "its pods cannot be listed: " + err.Error()
	}
	if len(pods.Items) == 0 {
		return "there are no pods " + label
	}
	var lines []string
	for i := range pods.Items {
		lines = append(lines, c.DescribePod(ctx, &pods.Items[i]))
	}
	return strings.Join(lines, "\n")
}

// DescribePod tells in words what a pod is doing: phase, unready containers with
// reason and last log lines, warnings about it.
func (c *Client) DescribePod(ctx context.Context, pod *corev1.Pod) string {
	text := fmt.Sprintf("pod %s is %s", pod.Name, pod.Status.Phase)
	if pod.DeletionTimestamp != nil {
		text += ", being deleted"
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status != corev1.ConditionTrue {
			text += ": " + condition.Message
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		if !status.Ready {
			text += "\n  " + c.describeContainer(ctx, pod, status)
		}
	}
	for _, warning := range c.warnings(ctx, pod) {
		text += "\n  " + warning
	}
	return text
}

func (c *Client) describeContainer(ctx context.Context, pod *corev1.Pod, status corev1.ContainerStatus) string {
	text := fmt.Sprintf("container %s is not ready (%d restarts)", status.Name, status.RestartCount)
	switch {
	case status.State.Waiting != nil:
		text += fmt.Sprintf(": %s %s", status.State.Waiting.Reason, status.State.Waiting.Message)
	case status.State.Terminated != nil:
		text += fmt.Sprintf(": ended with exit code %d, %s", status.State.Terminated.ExitCode, status.State.Terminated.Reason)
	}
	lines := int64(tailLines)
	options := &corev1.PodLogOptions{Container: status.Name, TailLines: &lines, Previous: status.State.Running == nil && status.RestartCount > 0}
	log, err := c.Core.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).DoRaw(ctx)
	if err != nil || len(log) == 0 {
		return text
	}
	return text + "; its log ends:\n    " + strings.ReplaceAll(strings.TrimSpace(string(log)), "\n", "\n    ")
}

func (c *Client) warnings(ctx context.Context, pod *corev1.Pod) []string {
	about := fields.SelectorFromSet(fields.Set{"involvedObject.name": pod.Name, "type": corev1.EventTypeWarning})
	events, err := c.Core.CoreV1().Events(pod.Namespace).List(ctx, metav1.ListOptions{FieldSelector: about.String()})
	if err != nil {
		return []string{"its events cannot be listed: " + err.Error()}
	}
	var out []string
	for _, event := range events.Items[max(0, len(events.Items)-4):] {
		out = append(out, fmt.Sprintf("event %s: %s", event.Reason, event.Message))
	}
	return out
}
