package node

import (
	"context"
	"errors"
	"io/fs"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// NodeGetVolumeStats returns bytes and inodes of a file system, or the size of
// a raw block device.
func (s *Service) NodeGetVolumeStats(_ context.Context, request *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	id, path := request.GetVolumeId(), request.GetVolumePath()
	if err := need("volume id", id, "volume path", path); err != nil {
		return nil, err
	}
	if _, err := s.volume(id); err != nil {
		return nil, err
	}
	if _, err := deviceNumber(path); err == nil {
		return blockStats(path)
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "volume %s is not published at %s", id, path)
	}
	info, err := mountAt(path)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "look for a mount at %s: %v", path, err)
	}
	if info == nil {
		return nil, status.Errorf(codes.NotFound, "volume %s is not mounted at %s", id, path)
	}
	return fileSystemStats(path)
}

func blockStats(path string) (*csi.NodeGetVolumeStatsResponse, error) {
	size, err := deviceSize(path)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "read size of %s: %v", path, err)
	}
	return &csi.NodeGetVolumeStatsResponse{
		Usage: []*csi.VolumeUsage{{Unit: csi.VolumeUsage_BYTES, Total: size}},
	}, nil
}

func fileSystemStats(path string) (*csi.NodeGetVolumeStatsResponse, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return nil, status.Errorf(codes.Internal, "read usage of %s: %v", path, err)
	}
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{
			Unit: csi.VolumeUsage_BYTES, Total: int64(stat.Blocks) * stat.Bsize,
			Used: int64(stat.Blocks-stat.Bfree) * stat.Bsize, Available: int64(stat.Bavail) * stat.Bsize,
		},
		{
			Unit: csi.VolumeUsage_INODES, Total: int64(stat.Files),
			Used: int64(stat.Files - stat.Ffree), Available: int64(stat.Ffree),
		},
	}}, nil
}
