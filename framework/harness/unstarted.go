package harness

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// NeverStarts creates a pod that uses the claim and waits until its volume was refused with the fragments
// as often as a refusal must be seen; it returns the text. A pod that starts is an error.
func (e *Env) NeverStarts(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim, fragments ...string) (string, error) {
	if err := workload.Create(ctx, e.Kube, e.podSpec(name, claim)); err != nil {
		return "", err
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name}}
	var text string
	budget := timeouts.PodReady
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		if err := e.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod); err != nil {
			return false, err
		}
		if pod.Status.Phase != corev1.PodPending {
			return false, fmt.Errorf("pod %s should never have started, but is %s", name, pod.Status.Phase)
		}
		events, err := e.Events(ctx, pod)
		if err != nil {
			return false, err
		}
		var seen int32
		for _, event := range events {
			if (strings.HasPrefix(event.Reason, "FailedAttach") || event.Reason == "FailedMount") && containsAll(event.Message, fragments) {
				seen, text = seen+eventCount(event), event.Message
			}
		}
		return seen >= refusals, nil
	})
	if err != nil {
		return text, fmt.Errorf("waited %s (timeouts.%s) for pod %s to be refused its volume with %q: %w; recent events: %s",
			budget.Limit, budget.Name, name, fragments, err, e.recentEvents(context.WithoutCancel(ctx), pod))
	}
	return text, nil
}
