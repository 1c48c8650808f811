package node

import (
	"context"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// NodePublishVolume shows a staged volume at the target path of one pod: its
// file system, or the node of its block device.
func (s *Service) NodePublishVolume(ctx context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	id, staging, target := request.GetVolumeId(), request.GetStagingTargetPath(), request.GetTargetPath()
	if err := need("volume id", id, "target path", target); err != nil {
		return nil, err
	}
	if err := checkCapability(request.GetVolumeCapability()); err != nil {
		return nil, err
	}
	if err := need("staging target path", staging); err != nil {
		return nil, err
	}
	leave, err := s.busy.enter(id)
	if err != nil {
		return nil, err
	}
	defer leave()
	device, err := s.engine.Attach(ctx, id)
	if err != nil {
		return nil, engineStatus(id, err)
	}
	if err := s.publish(request, device); err != nil {
		return nil, err
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (s *Service) publish(request *csi.NodePublishVolumeRequest, device string) error {
	number, err := deviceNumber(device)
	if err != nil {
		return status.Errorf(codes.Internal, "read device: %v", err)
	}
	done, err := s.alreadyPublished(request, number)
	if done || err != nil {
		return err
	}
	if err := checkSingleWriter(request, number); err != nil {
		return err
	}
	source, makeTarget := request.GetStagingTargetPath(), makeDir
	if request.GetVolumeCapability().GetBlock() != nil {
		source, makeTarget = device, makeFile
	} else if info, err := mountAt(source); err != nil || info == nil || !shows(info, number) {
		return status.Errorf(codes.FailedPrecondition, "volume %s is not staged at %s", request.GetVolumeId(), source)
	}
	target := request.GetTargetPath()
	if err := makeTarget(target); err != nil {
		return status.Errorf(codes.Internal, "make target path: %v", err)
	}
	options := []string{"bind"}
	if request.GetReadonly() {
		options = append(options, "ro")
	}
	if err := s.mounter.Mount(source, target, "", options); err != nil {
		return status.Errorf(codes.Internal, "bind %s to %s: %v", source, target, err)
	}
	return nil
}

// alreadyPublished reports whether the target shows the volume as asked for.
// Otherwise what is there is incompatible (AlreadyExists) or of another volume
// or device, as after a forced detach, and taken away.
func (s *Service) alreadyPublished(request *csi.NodePublishVolumeRequest, device uint64) (bool, error) {
	target := request.GetTargetPath()
	info, err := mountAt(target)
	if err != nil {
		return false, status.Errorf(codes.Internal, "look for a mount at %s: %v", target, err)
	}
	if info == nil {
		return false, nil
	}
	if !shows(info, device) {
		return false, s.unmount(target)
	}
	if readOnly(info) != request.GetReadonly() {
		return false, status.Errorf(codes.AlreadyExists, "volume %s is published at %s with readonly=%t",
			request.GetVolumeId(), target, readOnly(info))
	}
	return true, nil
}

// checkSingleWriter answers FailedPrecondition when a volume that only one pod
// may use is published at another target path.
func checkSingleWriter(request *csi.NodePublishVolumeRequest, device uint64) error {
	if request.GetVolumeCapability().GetAccessMode().GetMode() != csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER {
		return nil
	}
	other, err := publishedElsewhere(device, request.GetTargetPath(), request.GetStagingTargetPath())
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	if other != "" {
		return status.Errorf(codes.FailedPrecondition, "volume %s may be used by one pod only and is published at %s", request.GetVolumeId(), other)
	}
	return nil
}

func makeDir(path string) error { return os.MkdirAll(path, 0o750) }

// makeFile makes the empty file that a device node is bound to.
func makeFile(path string) error {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// NodeUnpublishVolume takes the volume from the target path and removes the path.
func (s *Service) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if err := s.takeFrom(request.GetVolumeId(), "target path", request.GetTargetPath()); err != nil {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// takeFrom unmounts the volume from a path, which the request calls what, and
// removes the path.
func (s *Service) takeFrom(id, what, path string) error {
	if err := need("volume id", id, what, path); err != nil {
		return err
	}
	leave, err := s.busy.enter(id)
	if err != nil {
		return err
	}
	defer leave()
	return s.unmount(path)
}
