// Package identity is the CSI Identity service that both roles serve.
package identity

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

// Server answers who the driver is and whether it is ready.
type Server struct {
	csi.UnimplementedIdentityServer
	// Name is the CSI driver name.
	Name string
	// Contract decides on the capabilities (I-02).
	Contract config.Contract
	// Deviations are the deviations that are switched on.
	Deviations deviation.Set
	// Ready reports whether calls can be served; nil means always.
	Ready func() bool
}

// GetPluginInfo returns the driver's name and the contract it follows (I-01).
func (s *Server) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: s.Name, VendorVersion: "v" + s.Contract.String()}, nil
}

// GetPluginCapabilities returns what the plugin as a whole can do (I-02).
func (s *Server) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	expansion := csi.PluginCapability_VolumeExpansion_ONLINE
	if !s.Contract.ExpandsOnline() {
		expansion = csi.PluginCapability_VolumeExpansion_OFFLINE
	}
	capabilities := []*csi.PluginCapability{
		service(csi.PluginCapability_Service_CONTROLLER_SERVICE),
		{Type: &csi.PluginCapability_VolumeExpansion_{VolumeExpansion: &csi.PluginCapability_VolumeExpansion{Type: expansion}}},
	}
	if s.Contract.HasTopology() {
		capabilities = append(capabilities, service(csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS))
	}
	if s.Deviations.Has(deviation.GroupSnapshotsOffered) {
		capabilities = append(capabilities, service(csi.PluginCapability_Service_GROUP_CONTROLLER_SERVICE))
	}
	return &csi.GetPluginCapabilitiesResponse{Capabilities: capabilities}, nil
}

// Probe reports readiness.
func (s *Server) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(s.Ready == nil || s.Ready())}, nil
}

func service(kind csi.PluginCapability_Service_Type) *csi.PluginCapability {
	return &csi.PluginCapability{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: kind}}}
}
