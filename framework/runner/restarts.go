package runner

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/report"
)

// ends maps "pod/container" to how often that container has ended so far.
type ends map[string]int32

// containerEnds reads how often each container of the namespace has ended.
func containerEnds(ctx context.Context, client kubernetes.Interface, namespace string) (ends, error) {
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("look for containers that ended: %w", err)
	}
	found := ends{}
	for _, pod := range pods.Items {
		for _, status := range pod.Status.ContainerStatuses {
			found[pod.Name+"/"+status.Name] = endsOf(status)
		}
	}
	return found, nil
}

// endsOf counts the ends of a container, the one included after which it was
// not started again yet.
func endsOf(status corev1.ContainerStatus) int32 {
	count := status.RestartCount
	if status.State.Terminated != nil {
		count++
	}
	return count
}

// restartsSince returns the containers of the namespace that have ended since
// before was read. A container that was not there before counts in full. Pods that
// are gone are taken from seen, which may also have others.
func restartsSince(ctx context.Context, client kubernetes.Interface, namespace string, before ends, seen []corev1.Pod) ([]report.Restart, error) {
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("look for containers that ended: %w", err)
	}
	all := pods.Items
	for _, pod := range seen {
		present := slices.ContainsFunc(pods.Items, func(other corev1.Pod) bool { return other.UID == pod.UID })
		if pod.Namespace == namespace && !present {
			all = append(all, pod)
		}
	}
	return restarts(all, before), nil
}

// restarts compares what the pods say with before.
func restarts(pods []corev1.Pod, before ends) []report.Restart {
	var restarts []report.Restart
	for _, pod := range pods {
		for _, status := range pod.Status.ContainerStatuses {
			count := endsOf(status) - before[pod.Name+"/"+status.Name]
			if count <= 0 {
				continue
			}
			restart := report.Restart{Pod: pod.Name, Container: status.Name, Count: count}
			if last := lastEnd(status); last != nil {
				restart.Reason, restart.ExitCode = last.Reason, last.ExitCode
			}
			restarts = append(restarts, restart)
		}
	}
	return restarts
}

// lastEnd returns what is known of the container's last end, nil for none.
func lastEnd(status corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if status.State.Terminated != nil {
		return status.State.Terminated
	}
	return status.LastTerminationState.Terminated
}
