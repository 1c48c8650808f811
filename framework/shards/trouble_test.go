package shards

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func pod(status corev1.PodStatus) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{NodeName: "n"}, Status: status}
}

func waiting(reason, message string) corev1.PodStatus {
	return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
		Image: "i:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
	}}}
}

func terminated(state corev1.ContainerStateTerminated) corev1.PodStatus {
	return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Terminated: &state}}}}
}

func TestTroubleNamesCauseAndRemedy(t *testing.T) {
	disrupted := pod(corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Message: "node is drained"}}})
	unscheduled := pod(corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/1 nodes:\n too small"}}})
	for _, c := range []struct {
		err  error
		want []string
	}{
		{cannotStart(pod(waiting("ErrImageNeverPull", ""))), []string{"node n does not have its image i:1", "muster image", "--image"}},
		{cannotStart(pod(waiting("ImagePullBackOff", "no such host"))), []string{"cannot pull its image i:1 (no such host)", "correct --image"}},
		{notStarted(nil), []string{"has not made its pod within 5m0s", "quotas"}},
		{notStarted(unscheduled), []string{"no node took its pod p", "(0/1 nodes: too small)", "fewer shards"}},
		{hasEnded(pod(corev1.PodStatus{Reason: "Evicted", Message: "low on memory"})), []string{"pod p on node n ended as Evicted (low on memory)", "fewer"}},
		{hasEnded(disrupted), []string{"was disrupted (node is drained)", "run again"}},
		{hasEnded(pod(terminated(corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137}))), []string{"lack of memory", "fewer processes"}},
		{hasEnded(pod(terminated(corev1.ContainerStateTerminated{Message: "the suite in the image is another\n"}))), []string{"the suite in the image is another"}},
		{hasEnded(pod(terminated(corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 2}))), []string{"exit code 2 (Error)", "run again"}},
		{wasDeleted(pod(corev1.PodStatus{})), []string{"was deleted by somebody else", "run again"}},
		{wasDeleted(disrupted), []string{"was removed (node is drained)", "run again"}},
	} {
		for _, want := range c.want {
			if c.err == nil || !strings.Contains(c.err.Error(), want) {
				t.Errorf("%v\ndoes not say %q", c.err, want)
			}
		}
		if c.err != nil && strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%v\nis more than a line", c.err)
		}
	}
	for _, reason := range []string{"ContainerCreating", "ErrImagePull"} {
		if err := cannotStart(pod(waiting(reason, ""))); err != nil {
			t.Errorf("%s may pass, but: %v", reason, err)
		}
	}
}

func TestAPodThatNeverBeganNeedNotBeWaitedFor(t *testing.T) {
	now := metav1.Now()
	pulling, begun := pod(waiting("ImagePullBackOff", "")), pod(corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
	}}})
	if atEnd(pulling) || atEnd(begun) {
		t.Error("a pod that nobody has deleted is taken for one that has ended")
	}
	pulling.DeletionTimestamp, begun.DeletionTimestamp = &now, &now
	if !atEnd(pulling) {
		t.Error("a deleted pod without an image is taken for one that may run specs")
	}
	if atEnd(begun) {
		t.Error("a pod that still cleans up is taken for one that has ended")
	}
}
