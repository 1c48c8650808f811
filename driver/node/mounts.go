package node

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/mount-utils"
)

// deviceNumber returns the number that the kernel knows a device node by.
func deviceNumber(node string) (uint64, error) {
	var stat unix.Stat_t
	if err := unix.Stat(node, &stat); err != nil {
		return 0, &fs.PathError{Op: "stat", Path: node, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFBLK {
		return 0, fmt.Errorf("%s is not a block device", node)
	}
	return stat.Rdev, nil
}

// deviceSize returns the size of a block device in bytes.
func deviceSize(node string) (int64, error) {
	file, err := os.Open(node)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return file.Seek(0, io.SeekEnd)
}

// mountAt returns the topmost mount at path, or nil when path is not a mount
// point or does not exist.
func mountAt(path string) (*mountinfo.Info, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && !mount.IsCorruptedMnt(err) {
		return nil, err
	}
	if err != nil {
		resolved = filepath.Clean(path)
	}
	mounts, err := mountinfo.GetMounts(mountinfo.SingleEntryFilter(resolved))
	if err != nil {
		return nil, fmt.Errorf("read mounts: %w", err)
	}
	return last(mounts), nil
}

func last(mounts []*mountinfo.Info) *mountinfo.Info {
	if len(mounts) == 0 {
		return nil
	}
	return mounts[len(mounts)-1]
}

// shows reports whether a mount shows the file system on the device, or the
// node of the device itself.
func shows(info *mountinfo.Info, device uint64) bool {
	if info.Major == int(unix.Major(device)) && info.Minor == int(unix.Minor(device)) {
		return true
	}
	number, err := deviceNumber(info.Mountpoint)
	return err == nil && number == device
}

// readOnly reports whether a mount refuses writes.
func readOnly(info *mountinfo.Info) bool {
	return slices.Contains(strings.Split(info.Options, ","), "ro")
}

// publishedElsewhere returns a mount point, other than those given, that shows
// the whole volume, or "". What the kubelet itself binds for the same pod (sub
// paths, a second node of a raw block volume) is none.
func publishedElsewhere(device uint64, target, staging string) (string, error) {
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return "", fmt.Errorf("read mounts: %w", err)
	}
	major, minor := int(unix.Major(device)), int(unix.Minor(device))
	for _, info := range mounts {
		fileSystem := info.Major == major && info.Minor == minor && info.Root == "/"
		block := info.FSType == "devtmpfs" && info.Root != "/" && filepath.Base(info.Mountpoint) != filepath.Base(target) && shows(info, device)
		if (fileSystem || block) && info.Mountpoint != filepath.Clean(target) && info.Mountpoint != filepath.Clean(staging) {
			return info.Mountpoint, nil
		}
	}
	return "", nil
}

// unmount takes everything at path away, and path itself. A missing path is fine.
func (s *Service) unmount(path string) error {
	for {
		info, err := mountAt(path)
		if err != nil {
			return status.Errorf(codes.Internal, "look for a mount at %s: %v", path, err)
		}
		if info == nil {
			break
		}
		if err := s.mounter.Unmount(path); err != nil {
			return status.Errorf(codes.Internal, "unmount %s: %v", path, err)
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return status.Errorf(codes.Internal, "remove mount point: %v", err)
	}
	return nil
}
