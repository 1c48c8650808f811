// Package loop attaches files as loop devices and finds those that are
// attached already. A device is kept by whoever has it open, and the kernel
// frees it when the last one is gone, so that nothing stays behind a process
// that was killed. What the files mean is none of its business.
package loop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNotAttached is returned by Find for a file that backs no loop device.
var ErrNotAttached = errors.New("no loop device is attached to the file")

// sectorBytes is the logical sector of every device, the same everywhere so
// that a file system moves between any two of them.
const sectorBytes = 512

// Device is a loop device that stays attached at least until Close.
type Device struct {
	number int
	hold   *os.File
}

// Options says how Attach sets a device up.
type Options struct {
	// DirectIO passes reads and writes by the page cache of the backing file,
	// where its file system can do that. Data is cached once, not twice.
	DirectIO bool
	// Number asks for /dev/loop<Number>; negative means any free one. When
	// that one is taken Attach returns EBUSY.
	Number int
}

// Path returns the device node, as "/dev/loop3".
func (d *Device) Path() string { return nodePath(d.number) }

// Number returns the 3 of "/dev/loop3".
func (d *Device) Number() int { return d.number }

// Attach makes file a loop device. The caller makes sure that it is not one already.
func Attach(ctx context.Context, file *os.File, opts Options) (*Device, error) {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/loop-control (root and the host's /dev are needed): %w", err)
	}
	defer control.Close()
	for {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("attach %s to a loop device: %w", file.Name(), context.Cause(ctx))
		}
		number, err := reserve(control, opts.Number)
		if err != nil {
			return nil, err
		}
		device, err := configure(number, file, opts)
		// Between asking for a free device and taking it, anybody else on the
		// host may have taken it: ask again.
		if opts.Number < 0 && (errors.Is(err, unix.EBUSY) || errors.Is(err, unix.ENXIO)) {
			continue
		}
		return device, err
	}
}

// reserve returns the number of a device that exists and was free a moment ago.
func reserve(control *os.File, wanted int) (int, error) {
	if wanted < 0 {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return 0, fmt.Errorf("ask for a free loop device: %w", err)
		}
		return number, nil
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, control.Fd(), unix.LOOP_CTL_ADD, uintptr(wanted))
	if errno != 0 && errno != unix.EEXIST {
		return 0, fmt.Errorf("add /dev/loop%d: %w", wanted, errno)
	}
	return wanted, nil
}

func configure(number int, file *os.File, opts Options) (*Device, error) {
	node, err := os.OpenFile(nodePath(number), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open loop device (is the host's /dev mounted here?): %w", err)
	}
	defer node.Close()
	config := unix.LoopConfig{Fd: uint32(file.Fd()), Size: sectorBytes}
	config.Info.Flags = unix.LO_FLAGS_AUTOCLEAR
	if opts.DirectIO {
		config.Info.Flags |= unix.LO_FLAGS_DIRECT_IO
	}
	copy(config.Info.File_name[:len(config.Info.File_name)-1], file.Name())
	if err := unix.IoctlLoopConfigure(int(node.Fd()), &config); err != nil {
		return nil, fmt.Errorf("attach %s to %s: %w", file.Name(), nodePath(number), err)
	}
	return hold(number)
}

// hold opens the device for reading only: a kernel may refuse to mount a
// device that somebody has open for writing.
func hold(number int) (*Device, error) {
	file, err := os.Open(nodePath(number))
	if err != nil {
		return nil, fmt.Errorf("hold loop device: %w", err)
	}
	return &Device{number: number, hold: file}, nil
}

// Find returns the device that file is attached to, held from now on, or
// ErrNotAttached. Only devices whose backing path ends in suffix are looked
// at, since opening a device keeps others from removing it; what decides is
// the inode, for the same path may mean another file in another mount namespace.
func Find(file *os.File, suffix string) (*Device, error) {
	attached, err := List()
	if err != nil {
		return nil, err
	}
	for _, info := range attached {
		if !strings.HasSuffix(info.BackingFile, suffix) {
			continue
		}
		device, err := hold(info.Number)
		if err != nil {
			continue // freed since it was listed
		}
		if device.Backs(file) {
			return device, nil
		}
		device.Close()
	}
	return nil, ErrNotAttached
}

// Backs reports whether file is what the device reads and writes.
func (d *Device) Backs(file *os.File) bool {
	var stat unix.Stat_t
	if unix.Fstat(int(file.Fd()), &stat) != nil {
		return false
	}
	status, err := unix.IoctlLoopGetStatus64(int(d.hold.Fd()))
	return err == nil && status.Device == stat.Dev && status.Inode == stat.Ino
}

// RefreshSize makes the device as large as its file is now.
func (d *Device) RefreshSize() error {
	if err := unix.IoctlSetInt(int(d.hold.Fd()), unix.LOOP_SET_CAPACITY, 0); err != nil {
		return fmt.Errorf("let %s grow to the size of its file: %w", d.Path(), err)
	}
	return nil
}

// Sync writes what is buffered for the device to the backing file and syncs that.
func (d *Device) Sync() error { return d.hold.Sync() }

// Close gives the hold up; the kernel detaches when nobody else has the device open.
func (d *Device) Close() error { return d.hold.Close() }

// Info describes an attached loop device of the host.
type Info struct {
	// Number is the 3 of /dev/loop3.
	Number int
	// BackingFile is the path of the file as its own mount namespace shows it, without the mark of a deleted one.
	BackingFile string
	// Deleted is true when the file has no name any more.
	Deleted bool
}

// Path returns the device node, as "/dev/loop3".
func (i Info) Path() string { return nodePath(i.Number) }

// File returns device and inode number of the file behind a loop device.
func File(number int) (device, inode uint64, err error) {
	d, err := hold(number)
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	status, err := unix.IoctlLoopGetStatus64(int(d.hold.Fd()))
	if err != nil {
		return 0, 0, fmt.Errorf("read status of %s: %w", d.Path(), err)
	}
	return status.Device, status.Inode, nil
}

// List returns all attached loop devices of the host, whoever made them.
func List() ([]Info, error) {
	paths, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		return nil, err
	}
	var infos []Info
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // detached since it was listed
		}
		number, err := strconv.Atoi(strings.TrimPrefix(strings.Split(path, "/")[3], "loop"))
		if err != nil {
			continue
		}
		name, deleted := strings.CutSuffix(strings.TrimSuffix(string(content), "\n"), " (deleted)")
		infos = append(infos, Info{Number: number, BackingFile: name, Deleted: deleted})
	}
	return infos, nil
}

func nodePath(number int) string { return "/dev/loop" + strconv.Itoa(number) }
