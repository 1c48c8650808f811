package release

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/timeouts"
)

// crashes is how often a container may have crashed before it is given up: parts of
// Longhorn end once or twice while others are still starting.
const crashes = 5

// Why a container waits, in the words of the kubelet.
var (
	// pulling goes on failing until the registry answers.
	pulling = []string{"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"}
	// hopeless are reasons that trying again does not change.
	hopeless = []string{"ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "CreateContainerConfigError"}
)

// trouble remembers what was wrong with images from one look to the next.
type trouble struct {
	remedy string
	// since is when a pull was first seen failing, said what the registry answered last, by image.
	since map[string]time.Time
	said  map[string]string
}

func newTrouble(remedy string) *trouble {
	return &trouble{remedy: remedy, since: map[string]time.Time{}, said: map[string]string{}}
}

// in says why one of the pods will never start, "" when all still may.
func (t *trouble) in(pods []corev1.Pod, now time.Time) string {
	for i := range pods {
		pod := &pods[i]
		for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			if why := t.with(pod, status, now); why != "" {
				return fmt.Sprintf("pod %s/%s: %s", pod.Namespace, pod.Name, why)
			}
		}
	}
	return ""
}

func (t *trouble) with(pod *corev1.Pod, status corev1.ContainerStatus, now time.Time) string {
	image, waiting := imageOf(pod, status), status.State.Waiting
	switch {
	case waiting == nil:
		delete(t.since, image)
		return ""
	case slices.Contains(hopeless, waiting.Reason):
		return fmt.Sprintf("container %s with image %s cannot start: %s: %s; %s", status.Name, image, waiting.Reason, waiting.Message, t.remedy)
	case waiting.Reason == "CrashLoopBackOff" && status.RestartCount >= crashes:
		return fmt.Sprintf("container %s with image %s has crashed %d times%s: read its log, kubectl -n %s logs %s -c %s --previous",
			status.Name, image, status.RestartCount, lastEnd(status), pod.Namespace, pod.Name, status.Name)
	case !slices.Contains(pulling, waiting.Reason):
		return ""
	}
	if waiting.Reason == "ErrImagePull" || t.said[image] == "" { // the back-off says less
		t.said[image] = waiting.Message
	}
	if _, known := t.since[image]; !known {
		t.since[image] = now
	}
	if now.Sub(t.since[image]) < timeouts.ImagePulled.Limit {
		return ""
	}
	return fmt.Sprintf("image %s cannot be pulled: %s; %s", image, t.said[image], t.remedy)
}

// imageOf is the image as the pod has it: the kubelet may write it otherwise in the status.
func imageOf(pod *corev1.Pod, status corev1.ContainerStatus) string {
	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		if container.Name == status.Name {
			return container.Image
		}
	}
	return status.Image
}

// lastEnd says how the container has ended last.
func lastEnd(status corev1.ContainerStatus) string {
	if end := status.LastTerminationState.Terminated; end != nil {
		return fmt.Sprintf(", last with exit code %d (%s)", end.ExitCode, end.Reason)
	}
	return ""
}
