package why

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// containerTrouble says why a container of a pod does not run, "" when it does.
func containerTrouble(pod *corev1.Pod, name string) string {
	if pod.Status.Phase == corev1.PodSucceeded {
		return "" // its work is done
	}
	where := fmt.Sprintf("container %s of pod %s/%s", name, pod.Namespace, pod.Name)
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != name {
			continue
		}
		switch state := status.State; {
		case state.Running != nil && status.Ready:
			return ""
		case state.Running != nil:
			return where + " runs but is not ready"
		case state.Waiting != nil:
			return fmt.Sprintf("%s waits (%s, %d restarts)%s%s", where, state.Waiting.Reason, status.RestartCount, after(state.Waiting.Message), lastEnd(status))
		case state.Terminated != nil:
			return fmt.Sprintf("%s has ended with exit code %d (%s)%s", where, state.Terminated.ExitCode, state.Terminated.Reason, after(state.Terminated.Message))
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return fmt.Sprintf("pod %s/%s cannot be scheduled%s", pod.Namespace, pod.Name, after(condition.Message))
		}
	}
	return where + " has not started"
}

// lastEnd says how a container that is being restarted ended before.
func lastEnd(status corev1.ContainerStatus) string {
	if ended := status.LastTerminationState.Terminated; ended != nil {
		return fmt.Sprintf("; it ended with exit code %d (%s)%s", ended.ExitCode, ended.Reason, after(ended.Message))
	}
	return ""
}

// after puts a text behind a colon, nothing behind nothing.
func after(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
