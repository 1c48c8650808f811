package node

import (
	"context"
	"errors"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// NodeExpandVolume lets the mounted file system use the whole volume. A raw
// block device has grown already.
func (s *Service) NodeExpandVolume(ctx context.Context, request *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	id, path := request.GetVolumeId(), request.GetVolumePath()
	if err := need("volume id", id, "volume path", path); err != nil {
		return nil, err
	}
	leave, err := s.busy.enter(id)
	if err != nil {
		return nil, err
	}
	defer leave()
	if _, err := s.volume(id); err != nil {
		return nil, err
	}
	device, err := s.engine.Attach(ctx, id)
	if err != nil {
		return nil, engineStatus(id, err)
	}
	size, err := deviceSize(device)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "read size of volume %s: %v", id, err)
	}
	if wanted := request.GetCapacityRange().GetRequiredBytes(); size < wanted {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s has %d bytes, %d are wanted; the controller has to expand it first", id, size, wanted)
	}
	if err := s.growAt(ctx, request, device); err != nil {
		return nil, err
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: size}, nil
}

// growAt grows the file system that is mounted at the request's paths. The
// staging path comes first, since a pod's own may be read-only.
func (s *Service) growAt(ctx context.Context, request *csi.NodeExpandVolumeRequest, device string) error {
	number, err := deviceNumber(device)
	if err != nil {
		return status.Errorf(codes.Internal, "read device: %v", err)
	}
	for _, path := range []string{request.GetStagingTargetPath(), request.GetVolumePath()} {
		if path == "" {
			continue
		}
		info, err := mountAt(path)
		if err != nil {
			return status.Errorf(codes.Internal, "look for a mount at %s: %v", path, err)
		}
		if info == nil || !shows(info, number) {
			continue
		}
		if info.FSType == "devtmpfs" || request.GetVolumeCapability().GetBlock() != nil {
			return nil
		}
		return s.grow(ctx, info.FSType, device, path)
	}
	if request.GetVolumeCapability().GetBlock() != nil {
		return nil
	}
	return status.Errorf(codes.NotFound, "volume %s is not mounted at %s", request.GetVolumeId(), request.GetVolumePath())
}

func (s *Service) grow(ctx context.Context, fsType, device, mountpoint string) error {
	fileSystem, err := s.fileSystem(fsType, device)
	if err != nil {
		return err
	}
	err = fileSystem.growMounted(ctx, mountpoint)
	if errors.Is(err, errGrowOffline) {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	if err != nil {
		return status.Errorf(codes.Internal, "grow the file system at %s: %v", mountpoint, err)
	}
	return nil
}
