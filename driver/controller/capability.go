package controller

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/deviation"
)

// checkCapabilities refuses an empty list, a capability that is neither block
// nor mount (V-03) and access modes that the release does not know (I-06).
func (s *Server) checkCapabilities(capabilities []*csi.VolumeCapability) error {
	if s.deviations.Has(deviation.CapabilitiesUnchecked) {
		return nil
	}
	if len(capabilities) == 0 {
		return status.Error(codes.InvalidArgument, "Volume Capabilities cannot be empty")
	}
	for _, capability := range capabilities {
		if capability.GetBlock() == nil && capability.GetMount() == nil {
			return status.Error(codes.InvalidArgument, "cannot have both mount and block access type be undefined")
		}
		if mode := capability.GetAccessMode().GetMode(); !s.acceptsMode(mode) {
			return status.Errorf(codes.InvalidArgument, "access mode %s is not supported", mode)
		}
	}
	return nil
}

func (s *Server) acceptsMode(mode csi.VolumeCapability_AccessMode_Mode) bool {
	switch mode {
	case csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER, csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER:
		return true
	case csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER, csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER:
		return s.contract.HasSingleNodeModes()
	default:
		return s.deviations.Has(deviation.ReadOnlyAccepted)
	}
}

// accessMode is what Volume.spec.accessMode stores; the CRD knows no rwop (V-12).
func accessMode(capabilities []*csi.VolumeCapability) longhorn.AccessMode {
	for _, capability := range capabilities {
		if capability.GetAccessMode().GetMode() == csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER {
			return longhorn.AccessModeReadWriteMany
		}
	}
	return longhorn.AccessModeReadWriteOnce
}

// ValidateVolumeCapabilities confirms what checkCapabilities accepts; anything
// else is InvalidArgument, not an empty answer (I-07).
func (s *Server) ValidateVolumeCapabilities(ctx context.Context, req *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if req.GetVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
	}
	if len(req.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "Volume Capabilities cannot be empty")
	}
	if !s.deviations.Has(deviation.ValidateConfirmsAll) {
		if err := s.get(ctx, req.GetVolumeId(), &longhorn.Volume{}); notThere(err) {
			return nil, status.Errorf(codes.NotFound, "volume %s not found", req.GetVolumeId())
		} else if err != nil {
			return nil, internal(ctx, "read volume "+req.GetVolumeId(), err)
		}
		if err := s.checkCapabilities(req.GetVolumeCapabilities()); err != nil {
			return nil, err
		}
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeContext: req.GetVolumeContext(), VolumeCapabilities: req.GetVolumeCapabilities(), Parameters: req.GetParameters(),
	}}, nil
}
