package backup

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/longhorn/backupstore/util"
	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// mounts reports whether a target of that URL is mounted. Its worker has mounts and
// processes of its own, so that nothing is left of either when it has ended, however it
// has: a mount of a server that is gone would hang.
func mounts(target string) bool { return strings.HasPrefix(target, "nfs:") }

// ownMounts keeps this process's mounts to itself. What is unmounted outside is
// unmounted here too: a volume that is detached while a backup of another runs must
// not be held.
func ownMounts() error {
	if os.Getpid() != 1 {
		return nil // not started by a Runner: the mounts are everybody's
	}
	if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("separate the backup worker's mounts: %w", err)
	}
	return nil
}

// unmountAll unmounts what this process has mounted and waits for the processes that
// serve it, so that the server hears that they go.
func unmountAll() {
	if os.Getpid() != 1 {
		return
	}
	found, err := mountinfo.GetMounts(mountinfo.PrefixFilter(util.MountDir))
	if err != nil {
		return // the mounts end with this process
	}
	for _, mount := range found {
		_ = unix.Unmount(mount.Mountpoint, unix.MNT_DETACH)
	}
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			return // no child is left
		}
	}
}
