package target

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Inventory is what the driver holds, by name of the node.
type Inventory map[string]json.RawMessage

// Inventory implements Target by asking the node part on every node.
func (r *reference) Inventory(ctx context.Context) (Inventory, error) {
	c, err := r.client()
	if err != nil {
		return nil, err
	}
	pods, err := c.Core.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + nodeName})
	if err != nil {
		return nil, fmt.Errorf("cannot list the driver's node pods: %w", err)
	}
	inventory := Inventory{}
	for _, pod := range pods.Items {
		if pod.Status.Phase != corev1.PodRunning || pod.DeletionTimestamp != nil {
			continue
		}
		text, err := c.Exec(ctx, Namespace, pod.Name, driverContainer, "muster-driver", "inventory", "--data-dir=/var/lib/longhorn")
		if err != nil {
			return nil, fmt.Errorf("cannot take the inventory of node %s: %w", pod.Spec.NodeName, err)
		}
		inventory[pod.Spec.NodeName] = text
	}
	return inventory, nil
}
