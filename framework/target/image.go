package target

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// InImage implements Target: the node part of the driver has the file.
func (r *reference) InImage(ctx context.Context, image *longhornv1beta2.BackingImage, command ...string) ([]byte, error) {
	c, err := r.client()
	if err != nil {
		return nil, err
	}
	pods, err := c.Core.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + nodeName})
	if err != nil {
		return nil, fmt.Errorf("cannot list the driver's node pods: %w", err)
	}
	file := "raw.img"
	if image.Spec.SourceParameters["export-type"] == "qcow2" || image.Status.Size != image.Status.VirtualSize {
		file = "image.qcow2"
	}
	path := "/var/lib/longhorn/pool/images/" + image.Name + "/" + file
	for _, pod := range pods.Items {
		if pod.Status.Phase != corev1.PodRunning || pod.DeletionTimestamp != nil || pod.Spec.NodeName != image.Labels["longhorn.io/data-node"] {
			continue
		}
		return c.Exec(ctx, Namespace, pod.Name, driverContainer, append(command, path)...)
	}
	return nil, fmt.Errorf("no running pod of the driver has the backing image %s", image.Name)
}
