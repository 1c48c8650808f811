package shards

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/redact"
)

// pullFailures are the reasons for which the kubelet has no image. The first failure of a
// pull is not among them: the kubelet tries once more before it backs off.
var pullFailures = []string{"ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"}

// cannotStart says why a pod will not run, nil while it may.
func cannotStart(pod *corev1.Pod) error {
	for _, status := range pod.Status.ContainerStatuses {
		waiting := status.State.Waiting
		switch {
		case waiting == nil:
		case waiting.Reason == "ErrImageNeverPull":
			return fmt.Errorf("node %s does not have its image %s: load it into the node's container runtime (muster image --output suite.tar), or push it to a registry and name it with --image", pod.Spec.NodeName, status.Image)
		case slices.Contains(pullFailures, waiting.Reason):
			return fmt.Errorf("node %s cannot pull its image %s (%s): push the image there (muster image --output suite.tar), correct --image or registry: in the configuration, or give the service account's namespace a way to that registry", pod.Spec.NodeName, status.Image, said(waiting.Message, waiting.Reason))
		case waiting.Reason == "CreateContainerConfigError" || waiting.Reason == "CreateContainerError" || waiting.Reason == "RunContainerError":
			return fmt.Errorf("node %s cannot start its container (%s): look at the node and its container runtime", pod.Spec.NodeName, said(waiting.Message, waiting.Reason))
		}
	}
	return nil
}

// notStarted says why a pod has not begun to run in time.
func notStarted(pod *corev1.Pod) error {
	limit := fmt.Sprintf("within %s (timeouts.%s)", timeouts.ShardStarted.Limit, timeouts.ShardStarted.Name)
	if pod == nil {
		return fmt.Errorf("Kubernetes has not made its pod %s: look at the events of the namespace (kubectl get events), for quotas and admission webhooks refuse pods", limit)
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status != corev1.ConditionTrue {
			return fmt.Errorf("no node took its pod %s %s (%s): make room on a node, or ask for fewer shards", pod.Name, limit, said(condition.Message, condition.Reason))
		}
	}
	return fmt.Errorf("its pod %s on node %s has not started %s: look at that node", pod.Name, pod.Spec.NodeName, limit)
}

// hasEnded says why a pod has ended without its result having been fetched.
func hasEnded(pod *corev1.Pod) error {
	if reason := pod.Status.Reason; reason != "" { // the kubelet's own, such as Evicted
		return fmt.Errorf("its pod %s on node %s ended as %s (%s): look at what the node lacks, or ask for fewer shards or processes", pod.Name, pod.Spec.NodeName, reason, said(pod.Status.Message, reason))
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.DisruptionTarget && condition.Status == corev1.ConditionTrue {
			return fmt.Errorf("its pod %s on node %s was disrupted (%s): run again when nobody drains the node", pod.Name, pod.Spec.NodeName, said(condition.Message, condition.Reason))
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		ended := status.State.Terminated
		switch {
		case ended == nil:
		case ended.Reason == "OOMKilled":
			return fmt.Errorf("its pod %s on node %s was killed for lack of memory: ask for fewer processes, or make room on the node", pod.Name, pod.Spec.NodeName)
		case ended.Message != "": // the program's own words
			return errors.New(redact.Text(strings.TrimSpace(ended.Message)))
		default:
			return fmt.Errorf("its pod %s on node %s ended with exit code %d (%s) and without a result: look at the node, and run again", pod.Name, pod.Spec.NodeName, ended.ExitCode, ended.Reason)
		}
	}
	return fmt.Errorf("its pod %s on node %s ended without a result: look at the node, and run again", pod.Name, pod.Spec.NodeName)
}

// wasDeleted says that somebody has removed a pod.
func wasDeleted(pod *corev1.Pod) error {
	if pod == nil {
		return errors.New("its pod was deleted: run again")
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.DisruptionTarget && condition.Status == corev1.ConditionTrue {
			return fmt.Errorf("its pod %s on node %s was removed (%s): run again when nobody drains the node", pod.Name, pod.Spec.NodeName, said(condition.Message, condition.Reason))
		}
	}
	return fmt.Errorf("its pod %s on node %s was deleted by somebody else before its result was fetched: run again", pod.Name, cmp.Or(pod.Spec.NodeName, "none"))
}

// nodeSilent says that nobody knows what became of a pod.
func nodeSilent(pod *corev1.Pod) error {
	return fmt.Errorf("its pod %s was to end and node %s does not say that it has: repair that node, and run again", pod.Name, pod.Spec.NodeName)
}

// said is what Kubernetes says on one line, or else its reason.
func said(message, reason string) string {
	return redact.Text(strings.Join(strings.Fields(cmp.Or(message, reason)), " "))
}
