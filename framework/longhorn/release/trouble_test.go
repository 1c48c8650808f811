package release

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/timeouts"
)

const managerImage = "longhornio/longhorn-manager:v1.12.1"

// waiting is a pod whose container waits for that reason.
func waiting(reason, message string, restarts int32) []corev1.Pod {
	state := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	if reason != "" {
		state = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	}
	return []corev1.Pod{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "longhorn-system", Name: "longhorn-manager-x"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "manager", Image: managerImage}}},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
			Name: "manager", Image: "sha256:1", State: state, RestartCount: restarts,
			LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error"}},
		}}},
	}}
}

func TestAPullThatGoesOnFailingIsGivenUpWithWhatTheRegistrySaid(t *testing.T) {
	trouble, began := newTrouble("put its tar into LONGHORN_DIR"), time.Now()
	if why := trouble.in(waiting("ErrImagePull", "no such host", 0), began); why != "" {
		t.Fatalf("given up at the first failure: %s", why)
	}
	why := trouble.in(waiting("ImagePullBackOff", "Back-off", 0), began.Add(timeouts.ImagePulled.Limit))
	want := "pod longhorn-system/longhorn-manager-x: image " + managerImage + " cannot be pulled: no such host; put its tar into LONGHORN_DIR"
	if why != want {
		t.Errorf("said %q, want %q", why, want)
	}
}

func TestAPullThatSucceedsAtLastIsNoTrouble(t *testing.T) {
	trouble, began := newTrouble(""), time.Now()
	for i, reason := range []string{"ErrImagePull", "", "ErrImagePull"} {
		at := began.Add(time.Duration(i) * timeouts.ImagePulled.Limit)
		if why := trouble.in(waiting(reason, "busy", 0), at); why != "" {
			t.Errorf("look %d: given up: %s", i, why)
		}
	}
}

func TestWhatCannotStartIsSaidAtOnce(t *testing.T) {
	for _, c := range []struct {
		reason   string
		restarts int32
		want     string
	}{
		{"ErrImageNeverPull", 0, "cannot start: ErrImageNeverPull"}, {"CrashLoopBackOff", crashes, "crashed 5 times, last with exit code 1"},
		{"CrashLoopBackOff", 1, ""}, {"ContainerCreating", 0, ""}, {"PodInitializing", 0, ""},
	} {
		why := newTrouble("").in(waiting(c.reason, "", c.restarts), time.Now())
		if (why == "") != (c.want == "") || !strings.Contains(why, c.want) {
			t.Errorf("%s after %d restarts: %q, want %q", c.reason, c.restarts, why, c.want)
		}
	}
}
