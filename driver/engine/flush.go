package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine/loop"
)

// flushPatience bounds how long a snapshot waits for unwritten data. What was
// acknowledged by fsync is in the volume's file already; the flush only adds
// what nobody was promised.
const flushPatience = 5 * time.Second

// flush asks the file system on an attached volume, then its device, to write
// their caches out: best effort, bounded.
func (e *Engine) flush(ctx context.Context, volume string) {
	e.mu.Lock()
	device := e.attached[volume]
	e.mu.Unlock()
	if device == nil {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, flushPatience, errors.New("writing the cache out takes too long"))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- flushDevice(device) }()
	select {
	case err := <-done:
		if err != nil {
			warn(ctx, "cache was not written out before the cut", volume, err)
		}
	case <-ctx.Done():
		warn(ctx, "cache was not written out before the cut", volume, context.Cause(ctx))
	}
}

func flushDevice(device *loop.Device) error {
	var stat unix.Stat_t
	if err := unix.Stat(device.Path(), &stat); err != nil {
		return fmt.Errorf("read %s: %w", device.Path(), err)
	}
	major, minor := int(unix.Major(stat.Rdev)), int(unix.Minor(stat.Rdev))
	mounts, err := mountinfo.GetMounts(func(info *mountinfo.Info) (skip, stop bool) {
		skip = info.Major != major || info.Minor != minor
		return skip, !skip // one mount is enough: all of them show the same file system
	})
	if err != nil {
		return err
	}
	for _, mount := range mounts {
		if err := syncFileSystem(mount.Mountpoint); err != nil {
			return err
		}
	}
	return device.Sync()
}

func syncFileSystem(mountpoint string) error {
	dir, err := os.Open(mountpoint)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return fmt.Errorf("sync file system at %s: %w", mountpoint, err)
	}
	return nil
}
