package iscsi_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDeviceFollowsTheSizeOfItsDisk(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	// tgtd takes the size of a file when it opens it.
	one.removeDisk(t)
	must(t, os.Truncate(one.image, 24*mib))
	one.addDisk(t)
	i.do("-m node -T " + one.name + " -p " + address + " -R")
	file, err := os.Open(filepath.Join("/dev", device))
	must(t, err)
	defer file.Close()
	if size, err := file.Seek(0, 2); err != nil || size != 24*mib {
		t.Errorf("the device has %d bytes, %v; want %d", size, err, 24*mib)
	}
	write(t, device, noise(3, 24*mib))
	wantSum(t, one.image, noise(3, 24*mib))
}

func TestDiscardGivesSpaceBack(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 16*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	write(t, device, noise(4, 16*mib))
	file := openDirect(t, device)
	area := [2]uint64{0, 8 * mib}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), unix.BLKDISCARD, pointer(&area)); errno != 0 {
		t.Fatal(errno)
	}
	eventually(t, "the space to be free", func() bool {
		var stat syscall.Stat_t
		return syscall.Stat(one.image, &stat) == nil && stat.Blocks*512 <= 8*mib+64<<10
	})
}
