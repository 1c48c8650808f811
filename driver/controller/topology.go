package controller

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
)

// chooseNode returns the node for a new volume of that size in bytes: the
// first preferred one with room, then any that the request allows.
func (s *Server) chooseNode(ctx context.Context, wanted *csi.TopologyRequirement, size int64) (string, error) {
	var nodes longhorn.NodeList
	if err := s.client.List(ctx, &nodes, client.InNamespace(s.namespace)); err != nil {
		return "", internal(ctx, "list the driver's nodes", err)
	}
	fits := map[string]bool{}
	ready := false
	for i := range nodes.Items {
		node := &nodes.Items[i]
		if !isReady(node) {
			continue
		}
		ready = true
		if maximum, _ := capacity(node); size <= maximum && allowed(wanted, node.Name) {
			fits[node.Name] = true
		}
	}
	if !ready {
		return "", status.Error(codes.Unavailable, "no node of this driver is ready: is the node DaemonSet running?")
	}
	for _, topology := range wanted.GetPreferred() {
		if name := topology.GetSegments()[api.TopologyKey]; fits[name] {
			return name, nil
		}
	}
	for i := range nodes.Items {
		if fits[nodes.Items[i].Name] {
			return nodes.Items[i].Name, nil
		}
	}
	return "", status.Errorf(codes.ResourceExhausted, "no allowed node has room for %d bytes", size)
}

// allowed reports whether the requirement lets a volume live on the node.
func allowed(wanted *csi.TopologyRequirement, node string) bool {
	if len(wanted.GetRequisite()) == 0 {
		return true
	}
	for _, topology := range wanted.GetRequisite() {
		if name, named := topology.GetSegments()[api.TopologyKey]; !named || name == node {
			return true
		}
	}
	return false
}

// topologyOf is the CSI form of where a volume's data are, nil before contract 1.10 (I-02).
func (s *Server) topologyOf(volume *longhorn.Volume) []*csi.Topology {
	node := api.DataNode(volume)
	if !s.contract.HasTopology() || node == "" {
		return nil
	}
	return []*csi.Topology{{Segments: map[string]string{api.TopologyKey: node}}}
}

func isReady(node *longhorn.Node) bool {
	condition, found := api.Condition(node.Status.Conditions, longhorn.NodeConditionTypeReady)
	return found && condition.Status == longhorn.ConditionStatusTrue
}

// capacity returns the size and the free bytes of a node's disks.
func capacity(node *longhorn.Node) (maximum, available int64) {
	for _, disk := range node.Status.DiskStatus {
		maximum += disk.StorageMaximum
		available += disk.StorageAvailable
	}
	return maximum, available
}

// GetCapacity returns the free bytes of the nodes in the topology (I-03).
func (s *Server) GetCapacity(ctx context.Context, req *csi.GetCapacityRequest) (*csi.GetCapacityResponse, error) {
	if !s.contract.HasCapacity() {
		return nil, status.Error(codes.Unimplemented, "GetCapacity needs contract 1.10")
	}
	var nodes longhorn.NodeList
	if err := s.client.List(ctx, &nodes, client.InNamespace(s.namespace)); err != nil {
		return nil, internal(ctx, "list the driver's nodes", err)
	}
	wanted, limited := req.GetAccessibleTopology().GetSegments()[api.TopologyKey]
	response := &csi.GetCapacityResponse{}
	for i := range nodes.Items {
		node := &nodes.Items[i]
		if isReady(node) && (!limited || wanted == node.Name) {
			_, available := capacity(node)
			response.AvailableCapacity += available
		}
	}
	return response, nil
}
