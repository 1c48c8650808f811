package kind

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"

	"github.com/muster-csi/muster/framework/cluster"
)

// lookEvery is how often the API is asked for a condition.
const lookEvery = 100 * time.Millisecond

// pluginFile is the network of a node's pods. It sorts before anything else.
const pluginFile = "/etc/cni/net.d/00-muster.conflist"

// connectPods gives each node of our own image a bridge for its pods, in the range
// that Kubernetes has given it, and routes to those of the others: nodes are
// neighbours on one Docker network, so plain routes do.
func (s *start) connectPods(ctx context.Context) error {
	members, err := s.kind.ListInternalNodes(s.Name)
	if err != nil {
		return fmt.Errorf("list the nodes of cluster %q: %w", s.Name, err)
	}
	ranges, err := s.podRanges(ctx, len(members))
	if err != nil {
		return err
	}
	for _, node := range members {
		plugin, err := bridge(ranges[node.String()])
		if err != nil {
			return err
		}
		if err := nodeutils.WriteFile(node, pluginFile, plugin); err != nil {
			return fmt.Errorf("give node %s a pod network: %w", node, err)
		}
		if err := routeTo(node, members, ranges); err != nil {
			return err
		}
	}
	return nil
}

// podRanges returns the range of pod addresses of each node, by its name, once all
// of them have one.
func (s *start) podRanges(ctx context.Context, count int) (map[string]string, error) {
	client, err := cluster.Connect(s.layout.kubeconfig())
	if err != nil {
		return nil, err
	}
	var ranges map[string]string
	err = wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil
		}
		ranges = map[string]string{}
		for _, node := range list.Items {
			if node.Spec.PodCIDR != "" {
				ranges[node.Name] = node.Spec.PodCIDR
			}
		}
		return len(ranges) == count, nil
	})
	if err != nil {
		return nil, fmt.Errorf("wait for the pod ranges of %d nodes, seen %v: %w", count, ranges, context.Cause(ctx))
	}
	return ranges, nil
}

// bridge returns the settings of the plugin "bridge" for pods in that range.
func bridge(podRange string) (string, error) {
	type object map[string]any
	text, err := json.MarshalIndent(object{
		"cniVersion": "1.0.0", "name": "muster",
		"plugins": []object{{
			"type": "bridge", "bridge": "pods", "isGateway": true, "ipMasq": false, "hairpinMode": true,
			"ipam": object{
				"type": "host-local", "ranges": [][]object{{{"subnet": podRange}}},
				"routes": []object{{"dst": "0.0.0.0/0"}},
			},
		}},
	}, "", "  ")
	return string(text), err
}

// routeTo tells a node where the pods of the others are.
func routeTo(node nodes.Node, members []nodes.Node, ranges map[string]string) error {
	for _, other := range members {
		if other.String() == node.String() {
			continue
		}
		address, _, err := other.IP()
		if err != nil {
			return fmt.Errorf("ask for the address of node %s: %w", other, err)
		}
		if err := node.Command("ip", "route", "replace", ranges[other.String()], "via", address).Run(); err != nil {
			return fmt.Errorf("route from node %s to the pods of %s: %w", node, other, err)
		}
	}
	return nil
}
