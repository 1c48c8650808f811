package controller

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"github.com/muster-csi/muster/driver/deviation"
)

// ListSnapshots is not offered (I-04).
func (s *Server) ListSnapshots(ctx context.Context, req *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	if s.deviations.Has(deviation.ListsAreEmpty) {
		return &csi.ListSnapshotsResponse{}, nil
	}
	return s.UnimplementedControllerServer.ListSnapshots(ctx, req)
}

// ListVolumes is not offered (I-04).
func (s *Server) ListVolumes(ctx context.Context, req *csi.ListVolumesRequest) (*csi.ListVolumesResponse, error) {
	if s.deviations.Has(deviation.ListsAreEmpty) {
		return &csi.ListVolumesResponse{}, nil
	}
	return s.UnimplementedControllerServer.ListVolumes(ctx, req)
}
