package why

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// podRules are about a pod that is not ready.
var podRules = []func(*podFacts) string{
	podEnded, noRoom, podClaims, podUnschedulable, attachedElsewhere, attacherStopped, driverNotOnNode, attachRefused, podDriverStopped,
	mountFailed, podContainers, podWarned, podUnknown,
}

// podHeld are rules about a deletion that does not end.
var podHeld = []func(*podFacts) string{podKilling, driverNotOnNode, podFinalizers}

func (f *podFacts) cause() string {
	switch {
	case f.deleting():
		return first(f, podHeld)
	case f.isReady():
		return ""
	}
	return first(f, podRules)
}

func (f *podFacts) isReady() bool {
	return f.object.Status.Phase == corev1.PodSucceeded || slices.ContainsFunc(f.object.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func podEnded(f *podFacts) string {
	if f.object.Status.Phase != corev1.PodFailed {
		return ""
	}
	for _, status := range f.object.Status.ContainerStatuses {
		if status.State.Terminated != nil && status.State.Terminated.ExitCode != 0 {
			return containerTrouble(f.object, status.Name)
		}
	}
	return "it has failed" + after(strings.TrimSpace(f.object.Status.Reason+" "+f.object.Status.Message))
}

// podClaims is the cause of the first claim that is not ready. One that waits for the pod has none of its own.
func podClaims(f *podFacts) string {
	for _, claim := range f.claims {
		switch {
		case claim.absent:
			return claim.label + ", which it uses, does not exist"
		case claim.object == nil:
		case claim.deleting():
			return claim.label + ", which it uses, is being deleted"
		default:
			if cause := claim.cause(); cause != "" {
				return fmt.Sprintf("%s, which it uses, is not ready because %s", claim.label, cause)
			}
		}
	}
	return ""
}

// noRoom is podUnschedulable where the reason is none of the claims: they may wait for the pod.
func noRoom(f *podFacts) string {
	cause := podUnschedulable(f)
	if strings.Contains(strings.ToLower(cause), "persistentvolumeclaim") {
		return ""
	}
	return cause
}

func podUnschedulable(f *podFacts) string {
	for _, condition := range f.object.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return "no node can take it: " + condition.Message
		}
	}
	return ""
}

// started reports whether a container of the pod has run.
func (f *podFacts) started() bool {
	return slices.ContainsFunc(f.object.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.State.Running != nil || s.State.Terminated != nil || s.RestartCount > 0
	})
}

func podContainers(f *podFacts) string {
	for _, status := range f.object.Status.ContainerStatuses {
		if status.State.Waiting != nil && slices.Contains([]string{"ContainerCreating", "PodInitializing"}, status.State.Waiting.Reason) {
			continue // tells nothing
		}
		if trouble := containerTrouble(f.object, status.Name); trouble != "" {
			return trouble
		}
	}
	return ""
}

func podWarned(f *podFacts) string {
	if event := f.events.last(); event != nil {
		return said("an event", event.Message)
	}
	return ""
}

func podUnknown(f *podFacts) string {
	switch {
	case f.object.Spec.NodeName == "":
		return "the scheduler has not looked at it yet"
	case !f.attached():
		return "a volume of it is not attached yet and nothing says why: look at the logs below"
	}
	return "it is still being started and nothing says why that takes so long"
}

func podKilling(f *podFacts) string {
	for _, status := range f.object.Status.ContainerStatuses {
		if status.State.Running != nil {
			return fmt.Sprintf("container %s still runs on node %s", status.Name, f.object.Spec.NodeName)
		}
	}
	return ""
}

func podFinalizers(f *podFacts) string {
	if len(f.object.Finalizers) > 0 {
		return "finalizers hold it: " + strings.Join(f.object.Finalizers, ", ")
	}
	return fmt.Sprintf("the kubelet of node %s has not finished with it: its volumes may still be mounted", f.object.Spec.NodeName)
}
