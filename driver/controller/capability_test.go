package controller

import (
	"slices"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/deviation"
)

func TestCapabilitiesFollowTheContract(t *testing.T) { // I-03
	always := []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_PUBLISH_UNPUBLISH_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
	}
	from10 := append(slices.Clone(always), csi.ControllerServiceCapability_RPC_GET_CAPACITY)
	from11 := append(slices.Clone(from10), csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER)
	for contract, want := range map[string][]csi.ControllerServiceCapability_RPC_Type{
		"1.4": always, "1.9": always, "1.10": from10, "1.11": from11, "1.12": from11,
	} {
		response, err := server(t, contract, deviation.Set{}).ControllerGetCapabilities(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []csi.ControllerServiceCapability_RPC_Type
		for _, capability := range response.GetCapabilities() {
			got = append(got, capability.GetRpc().GetType())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", contract, got, want)
		}
	}
}

func TestCallsThatAreNotServed(t *testing.T) { // I-04
	s := server(t, "1.12", deviation.Set{})
	ctx := t.Context()
	calls := map[string]func() error{
		"ListSnapshots": func() error { _, err := s.ListSnapshots(ctx, &csi.ListSnapshotsRequest{}); return err },
		"ListVolumes":   func() error { _, err := s.ListVolumes(ctx, &csi.ListVolumesRequest{}); return err },
		"ControllerGetVolume": func() error {
			_, err := s.ControllerGetVolume(ctx, &csi.ControllerGetVolumeRequest{VolumeId: "v"})
			return err
		},
		"ControllerModifyVolume": func() error {
			_, err := s.ControllerModifyVolume(ctx, &csi.ControllerModifyVolumeRequest{VolumeId: "v"})
			return err
		},
		"GetCapacity before 1.10": func() error {
			_, err := server(t, "1.9", deviation.Set{}).GetCapacity(ctx, &csi.GetCapacityRequest{})
			return err
		},
	}
	for name, call := range calls {
		if err := call(); status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: got %v, want Unimplemented", name, err)
		}
	}
}

func TestGroupSnapshotsAreNotServed(t *testing.T) { // I-05
	if _, served := any(server(t, "1.12", deviation.Set{})).(csi.GroupControllerServer); served {
		t.Error("the controller has the calls of group snapshots, which no release up to 1.12 offers")
	}
}

func TestAccessModesFollowTheContract(t *testing.T) { // I-06
	const (
		writer      = csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER
		many        = csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER
		oncePod     = csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER
		multiWriter = csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER
	)
	for contract, accepted := range map[string][]csi.VolumeCapability_AccessMode_Mode{
		"1.4": {writer, many}, "1.10": {writer, many},
		"1.11": {writer, many, oncePod, multiWriter}, "1.12": {writer, many, oncePod, multiWriter},
	} {
		s := server(t, contract, deviation.Set{})
		for number, name := range csi.VolumeCapability_AccessMode_Mode_name {
			mode, want := csi.VolumeCapability_AccessMode_Mode(number), codes.InvalidArgument
			if slices.Contains(accepted, mode) {
				want = codes.OK
			}
			if err := s.checkCapabilities([]*csi.VolumeCapability{capability(mode)}); status.Code(err) != want {
				t.Errorf("%s, %s: got %v, want %s", contract, name, err, want)
			}
		}
	}
}
