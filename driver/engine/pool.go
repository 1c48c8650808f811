package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine/loop"
)

const (
	imageFile = "pool.img"
	// defaultPoolBytes is the size of a pool image when none is asked for.
	defaultPoolBytes = 32 << 30
	// minPoolBytes is the smallest file system that mkfs.xfs makes.
	minPoolBytes = 300 << 20
)

// openPool returns the mounted pool of dir: the one that is mounted already,
// else the image's, else a new one's.
func openPool(ctx context.Context, dir string, size int64) (string, error) {
	path, root := filepath.Join(dir, imageFile), filepath.Join(dir, "pool")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", err
	}
	if err := makeImage(ctx, path, size); err != nil {
		return "", fmt.Errorf("make pool image: %w", err)
	}
	image, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer image.Close()
	suffix := "/" + imageFile
	device, err := loop.Find(image, suffix)
	if errors.Is(err, loop.ErrNotAttached) {
		// The page cache of the image makes small synced writes twice as fast
		// as direct I/O does; volumes pass their own cache by.
		device, err = loop.Attach(ctx, image, loop.Options{Number: -1})
	}
	if err != nil {
		return "", fmt.Errorf("attach pool image: %w", err)
	}
	defer device.Close() // the mount keeps it from here on
	if err := mountPool(device, root); err != nil {
		return "", err
	}
	if ok, err := shares(root); err != nil || !ok {
		return "", errors.Join(fmt.Errorf("pool %s: %w", root, ErrNoReflink), err, releasePool(root))
	}
	return root, nil
}

// makeImage makes a sparse file with an XFS that shares blocks, unless it exists.
func makeImage(ctx context.Context, path string, size int64) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if size == 0 {
		size = defaultPoolBytes
	}
	if size < minPoolBytes {
		return fmt.Errorf("pool size of %d bytes is below the %d that XFS needs; choose a larger --pool-size: %w", size, minPoolBytes, ErrInvalid)
	}
	temp := filepath.Join(filepath.Dir(path), tempPrefix+imageFile)
	if err := writeSynced(temp, nil); err != nil {
		return err
	}
	if err := os.Truncate(temp, size); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, "mkfs.xfs", "-q", "-K", "-f", "-m", "reflink=1", temp).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("mkfs.xfs is missing; install xfsprogs: %w", err)
	}
	if err != nil {
		return fmt.Errorf("mkfs.xfs: %w: %s", err, strings.TrimSpace(string(output)))
	}
	return publish(temp, path)
}

// mountPool mounts the device at root, unless it is mounted there.
func mountPool(device *loop.Device, root string) error {
	mounts, err := mountinfo.GetMounts(mountinfo.SingleEntryFilter(root))
	if err != nil {
		return err
	}
	if len(mounts) > 0 {
		if mounts[0].Source == device.Path() && mounts[0].FSType == "xfs" {
			return nil
		}
		return fmt.Errorf("%s from %s is mounted at %s, where the pool belongs; unmount it or choose another --data-dir",
			mounts[0].FSType, mounts[0].Source, root)
	}
	err = unix.Mount(device.Path(), root, "xfs", unix.MS_NOATIME, "")
	if errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("mount pool: this kernel has no XFS; use a data directory on a file system with reflink: %w", err)
	}
	if err != nil {
		return fmt.Errorf("mount pool %s at %s: %w", device.Path(), root, err)
	}
	return nil
}

// releasePool unmounts the pool unless volumes are still in use.
func releasePool(root string) error {
	err := unix.Unmount(root, 0)
	if errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}
