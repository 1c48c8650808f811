// Package node is the CSI node service of the driver: it puts volumes of this
// node's data engine under the paths that the kubelet names, as file systems or
// raw block devices, and announces the driver to the kubelet. Where the bytes
// of a volume are, and when it is attached, is the engine's and the
// reconcilers' business.
package node

import (
	"context"
	"errors"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/mount-utils"
	utilexec "k8s.io/utils/exec"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// TopologyKey is the topology segment that tells nodes apart.
const TopologyKey = "kubernetes.io/hostname"

// Engine is what the node service needs of the data engine of its node.
type Engine interface {
	// Volume returns engine.ErrNotFound for a volume that this node does not have.
	Volume(name string) (engine.VolumeInfo, error)
	// Attach returns the device of a volume; it may be called again at any time.
	Attach(ctx context.Context, name string) (device string, err error)
}

// Config is what a node service is made of.
type Config struct {
	// NodeName is the CSI node id and the value of TopologyKey.
	NodeName string
	// Engine is the data engine of this node.
	Engine Engine
	// Mounter mounts and unmounts; nil means the mount program of this machine.
	Mounter mount.Interface
	// Exec runs the tools of file systems; nil means those of this machine.
	Exec utilexec.Interface
	// Contract is the Longhorn release that is followed.
	Contract config.Contract
	// Deviations are the deviations that are switched on.
	Deviations deviation.Set
}

// Service is the CSI node service.
type Service struct {
	csi.UnimplementedNodeServer
	nodeName   string
	engine     Engine
	mounter    mount.Interface
	exec       utilexec.Interface
	contract   config.Contract
	deviations deviation.Set
	busy       oneCallPerVolume
}

var _ csi.NodeServer = (*Service)(nil)

// New returns the node service of a node.
func New(config Config) *Service {
	s := &Service{
		nodeName: config.NodeName, engine: config.Engine, mounter: config.Mounter, contract: config.Contract,
		exec: config.Exec, deviations: config.Deviations,
	}
	if s.mounter == nil {
		s.mounter = mount.NewWithoutSystemd("")
	}
	if s.exec == nil {
		s.exec = utilexec.New()
	}
	return s
}

// NodeGetCapabilities lists what the contract's release can do (I-12).
func (s *Service) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	response := new(csi.NodeGetCapabilitiesResponse)
	kinds := []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
	}
	if s.contract.HasSingleNodeModes() {
		kinds = append(kinds, csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER)
	}
	for _, kind := range kinds {
		rpc := &csi.NodeServiceCapability_RPC{Type: kind}
		response.Capabilities = append(response.Capabilities, &csi.NodeServiceCapability{
			Type: &csi.NodeServiceCapability_Rpc{Rpc: rpc},
		})
	}
	return response, nil
}

// NodeGetInfo names the node, and from 1.10 on its topology; it sets no limit of volumes (I-11).
func (s *Service) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	info := &csi.NodeGetInfoResponse{NodeId: s.nodeName}
	if s.contract.HasTopology() {
		info.AccessibleTopology = &csi.Topology{Segments: map[string]string{TopologyKey: s.nodeName}}
	}
	if s.deviations.Has(deviation.VolumeLimitInvented) {
		info.MaxVolumesPerNode = 100
	}
	return info, nil
}

// need answers InvalidArgument for the first empty one of (field, value) pairs.
func need(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return status.Errorf(codes.InvalidArgument, "%s missing in request", pairs[i])
		}
	}
	return nil
}

// volume returns what the engine knows of a volume, or the CSI code for why not.
func (s *Service) volume(id string) (engine.VolumeInfo, error) {
	info, err := s.engine.Volume(id)
	return info, engineStatus(id, err)
}

// engineStatus turns an error of the engine into its CSI code.
func engineStatus(id string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, engine.ErrNotFound):
		return status.Errorf(codes.NotFound, "volume %s not found on this node", id)
	case errors.Is(err, engine.ErrInvalid):
		return status.Errorf(codes.InvalidArgument, "volume id: %v", err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return status.FromContextError(err).Err()
	}
	return status.Errorf(codes.Internal, "volume %s: %v", id, err)
}

// checkCapability answers InvalidArgument unless the capability says how the
// volume is to be used.
func checkCapability(capability *csi.VolumeCapability) error {
	switch {
	case capability == nil:
		return status.Error(codes.InvalidArgument, "volume capability missing in request")
	case capability.GetBlock() == nil && capability.GetMount() == nil:
		return status.Error(codes.InvalidArgument, "volume capability names neither block nor mount access")
	}
	return nil
}
