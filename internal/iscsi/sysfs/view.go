// Package sysfs gives loop devices the one attribute of SCSI disks that
// Longhorn writes: /sys/block/NAME/device/timeout. It lays a small file system
// over the device's directory, in the mount namespace of the daemon only, with
// links to the real attributes. The kernel does nothing with the value.
package sysfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

const (
	// source marks the mounts, so that those of a daemon that was killed are found.
	source = "muster-iscsi"
	// initialTimeout is the kernel's for SCSI disks, in seconds.
	initialTimeout = "30\n"
	// real is where the directory that is covered can still be seen.
	real = ".real"
)

// Cover lays the view over a loop device, as "loop3". The directory staging is made and removed.
func Cover(device, staging string) (err error) {
	covered, err := directory(device)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(staging, 0o700); err != nil {
		return fmt.Errorf("make a directory for the view of %s: %w", device, err)
	}
	defer os.Remove(staging)
	if err := unix.Mount(source, staging, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "size=256k,mode=755"); err != nil {
		return fmt.Errorf("mount the view of %s: %w", device, err)
	}
	defer func() { err = errors.Join(err, unix.Unmount(staging, unix.MNT_DETACH)) }()
	if err := alone(staging); err != nil {
		return err
	}
	if err := fill(staging, covered); err != nil {
		return fmt.Errorf("fill the view of %s: %w", device, err)
	}
	if err := unix.Mount(staging, covered, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("lay the view over %s: %w", covered, err)
	}
	return nil
}

// alone takes a mount out of the propagation that a node of Kubernetes has everywhere: else the
// view would be laid over what it shows, too, and would go with the staging directory.
func alone(mounted string) error {
	if err := unix.Mount("", mounted, "", unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mount %s private: %w", mounted, err)
	}
	return nil
}

// fill makes the view of the directory covered in root.
func fill(root, covered string) error {
	for _, name := range []string{real, "device"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount(covered, filepath.Join(root, real), "", unix.MS_BIND, ""); err != nil {
		return err
	}
	if err := alone(filepath.Join(root, real)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "device", "timeout"), []byte(initialTimeout), 0o644); err != nil {
		return err
	}
	entries, err := os.ReadDir(covered)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		target := filepath.Join(real, entry.Name())
		// Links lead out of the directory, and are right only at its place.
		if entry.Type()&os.ModeSymlink != 0 {
			if target, err = os.Readlink(filepath.Join(covered, entry.Name())); err != nil {
				return err
			}
		}
		if err := os.Symlink(target, filepath.Join(root, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Uncover removes the view of a loop device; one that has none is no error.
func Uncover(device string) error {
	covered, err := directory(device)
	if err != nil {
		return err
	}
	return unmount(func(info *mountinfo.Info) bool { return info.Mountpoint == covered })
}

// UncoverAll removes all views, those of a daemon that was killed.
func UncoverAll() error { return unmount(func(*mountinfo.Info) bool { return true }) }

func unmount(chosen func(*mountinfo.Info) bool) error {
	views, err := mountinfo.GetMounts(func(info *mountinfo.Info) (skip, stop bool) {
		return info.Source != source || info.FSType != "tmpfs" || !chosen(info), false
	})
	if err != nil {
		return fmt.Errorf("list the views of devices: %w", err)
	}
	for _, view := range views {
		if err := unix.Unmount(view.Mountpoint, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("remove the view %s: %w", view.Mountpoint, err)
		}
	}
	return nil
}

// directory returns the place below /sys/devices that all links to a device lead to.
func directory(device string) (string, error) {
	path, err := filepath.EvalSymlinks(filepath.Join("/sys/class/block", device))
	if err != nil {
		return "", fmt.Errorf("find %s in /sys: %w", device, err)
	}
	return path, nil
}
