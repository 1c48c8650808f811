package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine/loop"
)

// loopMajor is the major number of loop devices.
const loopMajor = 7

// detachPoll is how often the kernel is asked whether it has let a device go; sysfs does not tell by itself.
const detachPoll = 10 * time.Millisecond

// attach makes the file a loop device. It goes through the page cache of the
// file, whose lock lets one write at a time reach qemu. Past the page cache they
// come in parallel, and qemu 7.2 then writes the data of one in the place of another.
func attach(ctx context.Context, file *os.File) (*loop.Device, error) {
	for {
		device, err := loop.Attach(ctx, file, loop.Options{Number: -1})
		if !errors.Is(err, fs.ErrNotExist) {
			return device, err
		}
		// In a container nobody makes nodes for devices that are new.
		made, nodeErr := makeNodes()
		if nodeErr != nil || made == 0 {
			return nil, errors.Join(err, nodeErr)
		}
	}
}

// makeNodes makes the nodes in /dev that loop devices of the kernel lack, and counts them.
func makeNodes() (made int, err error) {
	devices, err := filepath.Glob("/sys/class/block/loop*")
	if err != nil {
		return 0, err
	}
	for _, device := range devices {
		name := filepath.Base(device)
		number, err := strconv.Atoi(strings.TrimPrefix(name, "loop"))
		if err != nil {
			continue // a partition
		}
		err = unix.Mknod(filepath.Join("/dev", name), unix.S_IFBLK|0o660, int(unix.Mkdev(loopMajor, uint32(number))))
		switch {
		case err == nil:
			made++
		case !errors.Is(err, fs.ErrExist):
			return made, fmt.Errorf("make the node /dev/%s: %w", name, err)
		}
	}
	return made, nil
}

// backing returns what the kernel says is behind a loop device, "" when nothing is.
func backing(name string) string {
	content, err := os.ReadFile(filepath.Join("/sys/class/block", name, "loop/backing_file"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}

// detached waits until the device has another file behind it than file, or none,
// and reports whether that came about in time. Others may have the device open.
func detached(name, file string, limit time.Duration) bool {
	late := time.After(limit)
	tick := time.NewTicker(detachPoll)
	defer tick.Stop()
	for backing(name) == file {
		select {
		case <-tick.C:
		case <-late:
			return false
		}
	}
	return true
}

// flushed writes out what the kernel holds for the device, and reports whether
// that succeeded in time. A flush that takes longer goes on by itself.
func flushed(device *loop.Device, limit time.Duration) bool {
	done := make(chan error, 1)
	go func() { done <- device.Sync() }()
	select {
	case err := <-done:
		return err == nil
	case <-time.After(limit):
		return false
	}
}
