package controller

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// ControllerExpandVolume lets a volume grow, attached or not, and waits until
// its file has. It never shrinks and may be repeated (I-09).
func (s *Server) ControllerExpandVolume(ctx context.Context, req *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	name := req.GetVolumeId()
	switch {
	case name == "":
		return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
	case req.GetCapacityRange() == nil && !s.deviations.Has(deviation.ExpandRangeUnchecked):
		return nil, status.Error(codes.InvalidArgument, "capacity range missing")
	case req.GetVolumeCapability() == nil:
		return nil, status.Error(codes.InvalidArgument, "volume capacity missing in request")
	}
	done, err := s.running.begin("the expansion of volume " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	volume, err := s.volumeToExpand(ctx, name)
	if err != nil {
		return nil, err
	}
	size := max(volumeSize(req.GetCapacityRange().GetRequiredBytes()), volume.Spec.Size)
	attached := volume.Status.State == longhorn.VolumeStateAttached
	response := &csi.ControllerExpandVolumeResponse{
		CapacityBytes: size, NodeExpansionRequired: attached && req.GetVolumeCapability().GetMount() != nil,
	}
	if s.deviations.Has(deviation.ExpandReportedOnly) {
		return response, nil
	}
	if err := s.grow(ctx, volume, size); err != nil {
		return nil, err
	}
	return response, nil
}

// volumeToExpand returns the volume when its state allows it to grow (I-09, I-10).
func (s *Server) volumeToExpand(ctx context.Context, name string) (*longhorn.Volume, error) {
	volume := &longhorn.Volume{}
	if err := s.get(ctx, name, volume); notThere(err) {
		return nil, status.Errorf(codes.NotFound, "volume %s missing", name)
	} else if err != nil {
		return nil, internal(ctx, "read volume "+name, err)
	}
	if state := volume.Status.State; state != longhorn.VolumeStateAttached && state != longhorn.VolumeStateDetached {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is %q: it can only be expanded when attached or detached", name, state)
	}
	if volume.Status.State == longhorn.VolumeStateAttached && !s.contract.ExpandsOnline() {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is attached: it can only be expanded when detached", name)
	}
	if s.contract.RefusesExpandWhileCloning() && api.Incomplete(volume) {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s cannot be expanded before its data are copied", name)
	}
	return volume, nil
}

// grow sets the size in bytes and waits until the node reports it.
func (s *Server) grow(ctx context.Context, volume *longhorn.Volume, size int64) error {
	if err := s.checkRoom(ctx, volume, size); err != nil {
		return err
	}
	if volume.Spec.Size < size {
		before := volume.DeepCopy()
		volume.Spec.Size = size
		if err := s.client.Patch(ctx, volume, client.MergeFrom(before)); err != nil {
			return internal(ctx, "set the size of volume "+volume.Name, err)
		}
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	_, err := s.awaitVolume(waiting, volume, func(v *longhorn.Volume) (bool, error) {
		return api.ProvisionedBytes(v) >= size, nil
	})
	if err != nil {
		return notInTime(ctx, waiting, "expand volume "+volume.Name, err)
	}
	return nil
}

// checkRoom refuses a size in bytes that the volume's node can never hold.
func (s *Server) checkRoom(ctx context.Context, volume *longhorn.Volume, size int64) error {
	node := &longhorn.Node{}
	if err := s.get(ctx, api.DataNode(volume), node); err != nil {
		return internal(ctx, "read the node of volume "+volume.Name, err)
	}
	if maximum, _ := capacity(node); size > maximum {
		return status.Errorf(codes.OutOfRange, "volume %s cannot grow to %d bytes: node %s has %d bytes of storage", volume.Name, size, node.Name, maximum)
	}
	return nil
}
