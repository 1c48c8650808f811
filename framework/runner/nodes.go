package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/report"
)

// nodes describes the nodes of the cluster, by name.
func nodes(ctx context.Context, client kubernetes.Interface) ([]report.Node, error) {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the cluster's nodes: %w", err)
	}
	found := []report.Node{}
	for _, node := range list.Items {
		info := node.Status.NodeInfo
		found = append(found, report.Node{
			Name: node.Name, Kernel: info.KernelVersion, OS: info.OSImage, Architecture: info.Architecture,
			CPUs: node.Status.Capacity.Cpu().Value(), MemoryBytes: node.Status.Capacity.Memory().Value(),
			ContainerRuntime: info.ContainerRuntimeVersion,
		})
	}
	slices.SortFunc(found, func(a, b report.Node) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}
