package runner

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/muster-csi/muster/framework/report"
)

func TestRestartsCountsOnlyEndsSinceBefore(t *testing.T) {
	end := &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 2}
	pods := []corev1.Pod{{
		ObjectMeta: metav1.ObjectMeta{Name: "node"},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{
			{Name: "quiet", RestartCount: 1},
			{Name: "crashed", RestartCount: 3, LastTerminationState: corev1.ContainerState{Terminated: end}},
			{Name: "down", State: corev1.ContainerState{Terminated: end}},
		}},
	}}
	got := restarts(pods, ends{"node/quiet": 1, "node/crashed": 1})
	want := []report.Restart{
		{Pod: "node", Container: "crashed", Count: 2, Reason: "Error", ExitCode: 2},
		{Pod: "node", Container: "down", Count: 1, Reason: "Error", ExitCode: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("restarts differ:\n%s", diff)
	}
}

func TestRestartsOfPodsThatAreGoneCount(t *testing.T) {
	pod := func(namespace, name string) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name)},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "driver", RestartCount: 1}}}}
	}
	present := pod("ns", "present")
	seen := []corev1.Pod{present, pod("ns", "gone"), pod("other", "elsewhere")}
	got, err := restartsSince(t.Context(), fake.NewClientset(&present), "ns", ends{}, seen)
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Restart{{Pod: "present", Container: "driver", Count: 1}, {Pod: "gone", Container: "driver", Count: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("restarts differ:\n%s", diff)
	}
}
