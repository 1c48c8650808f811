package controller

import (
	"cmp"
	"context"
	"errors"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// ControllerPublishVolume asks the volume's node to attach it and waits until it
// has. It may be repeated (I-15).
func (s *Server) ControllerPublishVolume(ctx context.Context, req *csi.ControllerPublishVolumeRequest) (*csi.ControllerPublishVolumeResponse, error) {
	name, node := req.GetVolumeId(), req.GetNodeId()
	switch {
	case name == "":
		return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
	case node == "":
		return nil, status.Error(codes.InvalidArgument, "node id missing in request")
	case req.GetVolumeCapability() == nil:
		return nil, status.Error(codes.InvalidArgument, "volume capability missing in request")
	}
	if err := s.checkCapabilities([]*csi.VolumeCapability{req.GetVolumeCapability()}); err != nil {
		return nil, err
	}
	done, err := s.running.begin("the attachment of volume " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	volume, err := s.volumeToAttach(ctx, name, node)
	if err != nil {
		return nil, err
	}
	if err := s.setNode(ctx, volume, node); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	last, err := s.awaitVolume(waiting, volume, func(v *longhorn.Volume) (bool, error) {
		return v.Status.State == longhorn.VolumeStateAttached && v.Status.CurrentNodeID == node, nil
	})
	if err != nil {
		return nil, notInTime(ctx, waiting, "attach volume "+name+", whose state is "+string(last.Status.State), err)
	}
	return &csi.ControllerPublishVolumeResponse{}, nil
}

// volumeToAttach returns the volume when it may be attached to the node now.
func (s *Server) volumeToAttach(ctx context.Context, name, node string) (*longhorn.Volume, error) {
	volume := &longhorn.Volume{}
	if err := s.get(ctx, name, volume); notThere(err) {
		return nil, status.Errorf(codes.NotFound, "volume %s not found", name)
	} else if err != nil {
		return nil, internal(ctx, "read volume "+name, err)
	}
	if err := s.get(ctx, node, &longhorn.Node{}); notThere(err) && !s.deviations.Has(deviation.MissingNodeInternal) {
		return nil, status.Errorf(codes.NotFound, "node %s not found", node)
	} else if err != nil {
		return nil, internal(ctx, "read node "+node, err)
	}
	if data := api.DataNode(volume); data != node {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s can only be attached to node %s, which holds its data", name, data)
	}
	if volume.Spec.NodeID != "" && volume.Spec.NodeID != node {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is already attached to node %s", name, volume.Spec.NodeID)
	}
	if volume.Spec.Frontend != longhorn.VolumeFrontendBlockDev {
		return nil, status.Errorf(codes.InvalidArgument, "volume %s has frontend %q, which cannot be attached: only blockdev can", name, volume.Spec.Frontend)
	}
	if why := notReady(volume); why != "" && !s.deviations.Has(deviation.PublishUnfinished) { // V-11
		if !s.contract.ExplainsNotReady() {
			return nil, status.Errorf(codes.Aborted, "volume %s is not ready for workloads", name)
		}
		return nil, status.Errorf(codes.Aborted, "volume %s is not ready for workloads: %s", name, why)
	}
	return volume, nil
}

// notReady says why the volume's data are not there, "" when they are.
func notReady(volume *longhorn.Volume) string {
	switch {
	case !volume.DeletionTimestamp.IsZero():
		return "it is being deleted"
	case api.Cloning(volume):
		return "volume request cloning data but has not finished copying data"
	case api.AwaitingImage(volume):
		return waitsForImage(volume)
	case api.Restoring(volume):
		return "volume requires restoration"
	case volume.Status.Robustness == longhorn.VolumeRobustnessFaulted:
		return "it is faulted because its file is missing"
	default:
		return ""
	}
}

// waitsForImage says why the volume has not got its backing image.
func waitsForImage(volume *longhorn.Volume) string {
	condition, _ := api.Condition(volume.Status.Conditions, longhorn.VolumeConditionTypeWaitForBackingImage)
	return "volume waits for backing image " + volume.Spec.BackingImage + ": " + cmp.Or(condition.Message, "it was not looked at yet")
}

// setNode writes spec.nodeID unless it is that already.
func (s *Server) setNode(ctx context.Context, volume *longhorn.Volume, node string) error {
	if volume.Spec.NodeID == node {
		return nil
	}
	before := volume.DeepCopy()
	volume.Spec.NodeID = node
	// A change in between must not be overwritten: another call may attach the volume elsewhere.
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	switch err := s.client.Patch(ctx, volume, patch); {
	case apierrors.IsConflict(err):
		return status.Errorf(codes.Aborted, "volume %s was changed at the same time: try again", volume.Name)
	case err != nil:
		return internal(ctx, "set the node of volume "+volume.Name, err)
	}
	return nil
}

// ControllerUnpublishVolume asks the volume's node to detach it and waits until
// it has. A missing volume, or one attached elsewhere, is OK.
func (s *Server) ControllerUnpublishVolume(ctx context.Context, req *csi.ControllerUnpublishVolumeRequest) (*csi.ControllerUnpublishVolumeResponse, error) {
	name, node := req.GetVolumeId(), req.GetNodeId()
	if name == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
	}
	done, err := s.running.begin("the attachment of volume " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	volume := &longhorn.Volume{}
	if err := s.get(ctx, name, volume); notThere(err) {
		return &csi.ControllerUnpublishVolumeResponse{}, nil
	} else if err != nil {
		return nil, internal(ctx, "read volume "+name, err)
	}
	if node != "" && volume.Spec.NodeID != "" && volume.Spec.NodeID != node {
		return &csi.ControllerUnpublishVolumeResponse{}, nil
	}
	if err := s.setNode(ctx, volume, ""); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	last, err := s.awaitVolume(waiting, volume, func(v *longhorn.Volume) (bool, error) {
		return v.Status.State == longhorn.VolumeStateDetached, nil
	})
	if err != nil && !errors.Is(err, errGone) {
		return nil, notInTime(ctx, waiting, "detach volume "+name+", whose state is "+string(last.Status.State), err)
	}
	return &csi.ControllerUnpublishVolumeResponse{}, nil
}

// notInTime tells a wait that ran out (DeadlineExceeded) from one that failed.
func notInTime(ctx, waiting context.Context, doing string, err error) error {
	if ctx.Err() == nil && waiting.Err() != nil {
		return status.Errorf(codes.DeadlineExceeded, "%s: not done within %s", doing, readyBudget)
	}
	return internal(ctx, doing, err)
}
