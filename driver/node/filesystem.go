package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	utilexec "k8s.io/utils/exec"
)

// fileSystem is a type of file system on one device.
type fileSystem interface {
	name() string
	device() string
	// format makes the file system; overwrite is what allows it to do so over another.
	format(ctx context.Context, overwrite bool) error
	// prepare repairs what a crash may have left and grows the file system
	// where that is done before mounting.
	prepare(ctx context.Context) error
	// mountFlags are needed on every mount.
	mountFlags() []string
	// growMounted grows the file system to the size of its device.
	growMounted(ctx context.Context, mountpoint string) error
}

// fileSystem returns the type of that name on a device, or InvalidArgument.
func (s *Service) fileSystem(name, device string) (fileSystem, error) {
	tool := tool{exec: s.exec, node: device}
	switch name {
	case "ext4":
		return ext4{tool}, nil
	case "xfs":
		return xfs{tool}, nil
	}
	return nil, status.Errorf(codes.InvalidArgument, "file system %q is not supported; choose ext4 or xfs", name)
}

// ensureFormatted makes the file system if, and only if, nothing at all is on
// the device: a volume that was restored or used before is never formatted
// again (longhorn/longhorn#10416). Planted defects ask for anew.
func (s *Service) ensureFormatted(ctx context.Context, fileSystem fileSystem, anew bool) error {
	found, err := s.probe(ctx, fileSystem.device())
	if err != nil {
		return status.Errorf(codes.Internal, "find out what is on %s: %v", fileSystem.device(), err)
	}
	switch {
	case found == fileSystem.name() && !anew:
		return nil
	case found != "" && !anew:
		return status.Errorf(codes.Internal, "%s holds %s, but %s is wanted; it is not formatted again, name the file system it has",
			fileSystem.device(), found, fileSystem.name())
	}
	// An interrupted format would leave something that is neither empty nor
	// usable, so it runs to its end whatever the caller does.
	if err := fileSystem.format(context.WithoutCancel(ctx), anew); err != nil {
		return status.Errorf(codes.Internal, "format %s: %v", fileSystem.device(), err)
	}
	return nil
}

// probedBytes is how much of the start and the end of a device must be
// readable: all known file systems have their signature there.
const probedBytes = 256 << 10

// probe returns the type of what is on a device, "" for nothing. blkid answers
// "nothing" for a device that it cannot read, too, so the device is read first:
// an error there is an error and never an empty device (longhorn/longhorn#14042).
func (s *Service) probe(ctx context.Context, device string) (string, error) {
	if err := checkReadable(device); err != nil {
		return "", err
	}
	output, err := s.exec.CommandContext(ctx, "blkid", "-p", "-s", "TYPE", "-s", "PTTYPE", "-o", "export", device).CombinedOutput()
	if exit := utilexec.ExitError(nil); errors.As(err, &exit) && exit.ExitStatus() == 2 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("blkid: %w: %s", err, strings.TrimSpace(string(output)))
	}
	for line := range strings.Lines(string(output)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), "="); key {
		case "TYPE":
			return value, nil
		case "PTTYPE":
			return "a partition table (" + value + ")", nil
		}
	}
	return "", fmt.Errorf("blkid answers neither a type nor that there is none: %q", output)
}

func checkReadable(device string) error {
	file, err := os.Open(device)
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size == 0 {
		return fmt.Errorf("%s has no bytes; its backing file is gone", device)
	}
	buffer := make([]byte, min(probedBytes, size))
	for _, offset := range []int64{0, size - int64(len(buffer))} {
		if _, err := file.ReadAt(buffer, offset); err != nil {
			return fmt.Errorf("read %s at byte %d: %w", device, offset, err)
		}
	}
	return nil
}

// tool runs programs on a device.
type tool struct {
	exec utilexec.Interface
	node string
}

func (t tool) device() string { return t.node }

// run answers an error with what the program said, unless its exit status is tolerated.
func (t tool) run(ctx context.Context, tolerated int, program string, args ...string) error {
	output, err := t.exec.CommandContext(ctx, program, args...).CombinedOutput()
	if exit := utilexec.ExitError(nil); errors.As(err, &exit) && exit.ExitStatus()&^tolerated == 0 {
		return nil
	}
	if errors.Is(err, utilexec.ErrExecutableNotFound) {
		return fmt.Errorf("%s is not installed: %w", program, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(output)))
	}
	return nil
}

// header returns the first 4 KiB of the device.
func (t tool) header() ([]byte, error) {
	file, err := os.Open(t.node)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	header := make([]byte, 4096)
	if _, err := io.ReadFull(file, header); err != nil {
		return nil, fmt.Errorf("read superblock: %w", err)
	}
	return header, nil
}
