//go:build linux

// Package loops takes away the loop devices that a cluster left on its host. They
// outlive the namespaces they were made in, and hold what they stand on.
package loops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Sweep detaches the loop devices whose file lies below dir, and everything
// stacked on them. What is still in use is waited for until ctx ends.
func Sweep(ctx context.Context, dir string) error {
	loops, err := listLoops()
	if err != nil || len(loops) == 0 {
		return err
	}
	files, err := backingFiles(dir, loops)
	if err != nil {
		return err
	}
	var failures []error
	for _, l := range loopChain(loops, files) {
		if err := detachLoop(ctx, l); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// listLoops returns every loop device that has something attached.
func listLoops() ([]loop, error) {
	paths, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		return nil, err
	}
	var loops []loop
	for _, p := range paths {
		name := strings.Split(p, "/")[3]
		l, err := readLoop("/dev/" + name)
		if errors.Is(err, unix.ENXIO) || errors.Is(err, os.ErrNotExist) {
			continue // detached meanwhile
		}
		if err != nil {
			return nil, err
		}
		loops = append(loops, l)
	}
	return loops, nil
}

func readLoop(path string) (loop, error) {
	f, err := os.Open(path)
	if err != nil {
		return loop{}, err
	}
	defer f.Close()
	info, err := unix.IoctlLoopGetStatus64(int(f.Fd()))
	if err != nil {
		return loop{}, fmt.Errorf("read the status of %s: %w", path, err)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return loop{}, fmt.Errorf("read %s: %w", path, err)
	}
	return loop{
		path: path, device: stat.Rdev,
		backingFS: info.Device, backingInode: info.Inode, backingDevice: info.Rdevice,
	}, nil
}

// backingFiles returns the files below dir that a loop device may stand on:
// those on a file system that some loop device's file is on.
func backingFiles(dir string, loops []loop) (map[fileID]bool, error) {
	wanted := map[fileID]bool{}
	for _, l := range loops {
		wanted[fileID{l.backingFS, l.backingInode}] = true
	}
	found := map[fileID]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && skipForLoops[d.Name()] {
			return fs.SkipDir
		}
		var stat unix.Stat_t
		if d.Type().IsRegular() && unix.Lstat(path, &stat) == nil {
			if id := (fileID{stat.Dev, stat.Ino}); wanted[id] {
				found[id] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for backing files in %s: %w", dir, err)
	}
	return found, nil
}

// skipForLoops are directories with very many files, none of them ever a
// volume: unpacked images and their archives.
var skipForLoops = map[string]bool{
	"io.containerd.snapshotter.v1.overlayfs": true,
	"io.containerd.content.v1.content":       true,
	"etcd":                                   true,
}

// detachLoop detaches a loop device and waits until it is. While something
// still holds it the kernel remembers the wish and detaches at the last close.
func detachLoop(ctx context.Context, l loop) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := readLoop(l.path)
		if err != nil || now != l { // free, or already someone else's
			return nil
		}
		if err := clearLoop(l.path); err != nil && !errors.Is(err, unix.ENXIO) && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("detach %s: %w", l.path, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("detach %s: something still uses it", l.path)
		}
	}
}

func clearLoop(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.IoctlSetInt(int(f.Fd()), unix.LOOP_CLR_FD, 0)
}
