package kube

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Logs returns what the containers of the pods with the label have written
// since then, keyed "pod/container". A container that has been restarted also
// has the key "pod/container.previous". What cannot be read is put in words in
// the place of the log, so that one missing log hides no other.
func (c *Client) Logs(ctx context.Context, namespace, label string, since time.Time) (map[string][]byte, error) {
	pods, err := c.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: label})
	if err != nil {
		return nil, fmt.Errorf("cannot list the pods %s in %s: %w", label, namespace, err)
	}
	logs := map[string][]byte{}
	for _, pod := range pods.Items {
		for _, status := range pod.Status.ContainerStatuses {
			key := pod.Name + "/" + status.Name
			logs[key] = c.log(ctx, &pod, status.Name, since, false)
			if status.RestartCount > 0 {
				logs[key+".previous"] = c.log(ctx, &pod, status.Name, since, true)
			}
		}
	}
	return logs, nil
}

func (c *Client) log(ctx context.Context, pod *corev1.Pod, container string, since time.Time, previous bool) []byte {
	options := &corev1.PodLogOptions{Container: container, Previous: previous}
	if !since.IsZero() {
		options.SinceTime = &metav1.Time{Time: since}
	}
	log, err := c.Core.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).DoRaw(ctx)
	if err != nil {
		return []byte("the log cannot be read: " + err.Error() + "\n")
	}
	return log
}

// Tail returns the end of what a container of the pod has written since then, at
// most so many lines. The zero time means from the beginning.
func (c *Client) Tail(ctx context.Context, pod *corev1.Pod, container string, lines int64, since time.Time) ([]byte, error) {
	options := &corev1.PodLogOptions{Container: container, TailLines: &lines}
	if !since.IsZero() {
		options.SinceTime = &metav1.Time{Time: since}
	}
	log, err := c.Core.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log of container %s of pod %s/%s: %w", container, pod.Namespace, pod.Name, err)
	}
	return log, nil
}
