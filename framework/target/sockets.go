package target

import (
	"context"
	"fmt"
	"path"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Sockets says where on a node the driver serves CSI.
type Sockets struct {
	// Node is the name of the node.
	Node string
	// Dir is the directory on the node that has both sockets.
	Dir string
	// Controller and NodePart are the files in Dir that serve the controller's
	// and the node's RPCs; both serve Identity. They may be the same.
	Controller, NodePart string
}

// socketDir is where the kubelet wants the sockets of a driver.
var socketDir = path.Join("/var/lib/kubelet/plugins", DriverName)

// Sockets implements Target: those of the node on which the controller part runs.
func (r *reference) Sockets(ctx context.Context) (Sockets, error) {
	c, err := r.client()
	if err != nil {
		return Sockets{}, err
	}
	pods, err := c.Core.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + controllerName})
	if err != nil {
		return Sockets{}, fmt.Errorf("cannot list the driver's controller pods: %w", err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return Sockets{Node: pod.Spec.NodeName, Dir: socketDir, Controller: "controller.sock", NodePart: "csi.sock"}, nil
		}
	}
	return Sockets{}, fmt.Errorf("no pod of Deployment %s runs: look at it with kubectl -n %s describe pods", controllerName, Namespace)
}
