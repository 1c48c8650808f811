package target

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
)

// runningImages maps the name of each image that runs beside the driver to its tag.
func runningImages(ctx context.Context, c *kube.Client) (map[string]string, error) {
	versions := map[string]string{}
	for _, namespace := range []string{Namespace, "kube-system", "default"} {
		pods, err := c.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app in (" +
			strings.Join([]string{controllerName, nodeName, snapshotController, "minio"}, ",") + ")"})
		if err != nil {
			return nil, fmt.Errorf("cannot list the pods of %s: %w", namespace, err)
		}
		for _, pod := range pods.Items {
			for _, container := range pod.Spec.Containers {
				if name, version := ImageVersion(container.Image); version != "" {
					versions[name] = version
				}
			}
		}
	}
	return versions, nil
}
