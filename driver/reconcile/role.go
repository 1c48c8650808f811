package reconcile

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// roleAnnotation is where kube2iam and kiam look for the IAM role of a pod.
const roleAnnotation = "iam.amazonaws.com/role"

// showRole puts the IAM role of a credential secret on the pods that reach the
// store, and takes it away when there is none (B-26).
func (n *node) showRole(ctx context.Context, role string) error {
	if n.PodLabels == nil {
		return nil
	}
	var pods corev1.PodList
	if err := n.reader.List(ctx, &pods, client.InNamespace(n.Namespace), client.MatchingLabels(n.PodLabels)); err != nil {
		return fmt.Errorf("list the driver's pods, which are to have the IAM role: %w", err)
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.Annotations[roleAnnotation] == role {
			continue
		}
		before := pod.DeepCopy()
		if pod.Annotations == nil {
			pod.Annotations = map[string]string{}
		}
		pod.Annotations[roleAnnotation] = role
		if role == "" {
			delete(pod.Annotations, roleAnnotation)
		}
		if err := client.IgnoreNotFound(n.client.Patch(ctx, pod, client.MergeFrom(before))); err != nil {
			return fmt.Errorf("put the IAM role on pod %s: %w", pod.Name, err)
		}
	}
	return nil
}
