package node

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/deviation"
)

// defaultFSType is the file system when neither class nor claim names one (contract I-13).
const defaultFSType = "ext4"

// NodeStageVolume attaches the volume and mounts its file system at the staging
// path, made if the volume is empty and grown if the volume is larger. A raw
// block volume is only attached.
func (s *Service) NodeStageVolume(ctx context.Context, request *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	id, staging, capability := request.GetVolumeId(), request.GetStagingTargetPath(), request.GetVolumeCapability()
	if err := need("volume id", id, "staging target path", staging); err != nil {
		return nil, err
	}
	if err := checkCapability(capability); err != nil {
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
	if capability.GetBlock() != nil {
		return &csi.NodeStageVolumeResponse{}, nil
	}
	if err := s.stageFileSystem(ctx, request, device); err != nil {
		return nil, err
	}
	return &csi.NodeStageVolumeResponse{}, nil
}

func (s *Service) stageFileSystem(ctx context.Context, request *csi.NodeStageVolumeRequest, device string) error {
	staging := request.GetStagingTargetPath()
	fsType := request.GetVolumeCapability().GetMount().GetFsType()
	if fsType == "" {
		fsType = defaultFSType
	}
	fileSystem, err := s.fileSystem(fsType, device)
	if err != nil {
		return err
	}
	staged, err := s.clearStaging(staging, device)
	if err != nil {
		return err
	}
	if staged != "" {
		if staged != fsType {
			return status.Errorf(codes.AlreadyExists, "volume %s is staged with %s, not %s", request.GetVolumeId(), staged, fsType)
		}
		return nil
	}
	if err := os.MkdirAll(staging, 0o750); err != nil {
		return status.Errorf(codes.Internal, "make staging path: %v", err)
	}
	anew := fsType == "xfs" && s.deviations.Has(deviation.XFSRestoreReformatted) &&
		strings.HasPrefix(request.GetVolumeContext()["dataSource"], "snap://")
	if err := s.ensureFormatted(ctx, fileSystem, anew); err != nil {
		return fmt.Errorf("volume %s: %w", request.GetVolumeId(), err)
	}
	flags := slices.Clone(request.GetVolumeCapability().GetMount().GetMountFlags())
	return s.mountAndGrow(ctx, fileSystem, staging, flags)
}

// clearStaging returns the type of the file system if the device is mounted at
// staging already. Anything else there, as after a forced detach, is unmounted.
func (s *Service) clearStaging(staging, device string) (fsType string, err error) {
	info, err := mountAt(staging)
	if err != nil {
		return "", status.Errorf(codes.Internal, "look for a mount at %s: %v", staging, err)
	}
	if info == nil {
		return "", nil
	}
	number, err := deviceNumber(device)
	if err != nil {
		return "", status.Errorf(codes.Internal, "read device: %v", err)
	}
	if shows(info, number) {
		return info.FSType, nil
	}
	return "", s.unmount(staging)
}

// mountAndGrow mounts the file system and lets it use the whole device, in the
// order that its type wants.
func (s *Service) mountAndGrow(ctx context.Context, fileSystem fileSystem, staging string, flags []string) error {
	writable := !slices.Contains(flags, "ro")
	if writable {
		if err := fileSystem.prepare(ctx); err != nil {
			return status.Errorf(codes.Internal, "check the file system on %s: %v", fileSystem.device(), err)
		}
	}
	flags = append(flags, fileSystem.mountFlags()...)
	if err := s.mounter.Mount(fileSystem.device(), staging, fileSystem.name(), flags); err != nil {
		return status.Errorf(codes.Internal, "mount %s: %v", fileSystem.device(), err)
	}
	if !writable {
		return nil
	}
	if err := fileSystem.growMounted(ctx, staging); err != nil {
		if unmountErr := s.mounter.Unmount(staging); unmountErr != nil {
			err = fmt.Errorf("%w; and unmount: %w", err, unmountErr)
		}
		return status.Errorf(codes.Internal, "grow the file system on %s: %v", fileSystem.device(), err)
	}
	return nil
}

// NodeUnstageVolume unmounts the staging path and removes it. The volume stays
// attached until it is unpublished from the node.
func (s *Service) NodeUnstageVolume(_ context.Context, request *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	if err := s.takeFrom(request.GetVolumeId(), "staging target path", request.GetStagingTargetPath()); err != nil {
		return nil, err
	}
	return &csi.NodeUnstageVolumeResponse{}, nil
}
