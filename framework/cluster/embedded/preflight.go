//go:build linux

package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// minFree is the disk space a cluster needs for images, logs and some volumes.
const minFree = 4 << 30

// hostPrograms are the programs the cluster calls on the host, with the Debian
// package that has each.
var hostPrograms = map[string]string{
	"nft":     "nftables",
	"mount":   "mount",
	"umount":  "mount",
	"losetup": "mount",
}

// checkRoot returns an error when this process may not make a cluster.
func checkRoot() error {
	if os.Geteuid() != 0 {
		return errors.New("an embedded cluster needs root; run the same command with sudo")
	}
	return nil
}

// Check returns an error when Up could not bring up a cluster of that name, as
// far as that is known before anything is built: wrong name, no root, a
// missing host program, a cluster that runs already.
func Check(name string) error {
	if err := cluster.CheckName(name); err != nil {
		return err
	}
	if err := checkRoot(); err != nil {
		return err
	}
	if err := checkPrograms(); err != nil {
		return err
	}
	return refuseRunning(newLayout(StateRoot(), name))
}

// preflight checks what can be known before anything is made.
func preflight(cfg Config) error {
	if err := checkRoot(); err != nil {
		return err
	}
	if err := checkPrograms(); err != nil {
		return err
	}
	if err := checkBinaries(cfg.Set); err != nil {
		return err
	}
	if err := checkImages(cfg.Set); err != nil {
		return err
	}
	if err := checkKernel(); err != nil {
		return err
	}
	return checkDisk(cfg.StateRoot)
}

func checkPrograms() error {
	var missing []string
	for program, pkg := range hostPrograms {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Sprintf("%s (package %s)", program, pkg))
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("this host lacks %s; scripts/setup.sh installs what is missing", strings.Join(missing, ", "))
	}
	return nil
}

func checkBinaries(set Programs) error {
	for _, name := range supervisor.Programs() {
		if _, err := os.Stat(set.Binary(name)); err != nil {
			return fmt.Errorf("the built program %s is missing (%w); run make components", name, err)
		}
	}
	return nil
}

// checkKernel looks for the file system that images need. A kernel that can
// load it as a module does so on the first look.
func checkKernel() error {
	known, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return fmt.Errorf("list the kernel's file systems: %w", err)
	}
	if strings.Contains(string(known), "\toverlay\n") {
		return nil
	}
	if out, err := exec.Command("modprobe", "overlay").CombinedOutput(); err != nil {
		return fmt.Errorf("this kernel has no overlay file system, which container images need (%s); use a kernel with CONFIG_OVERLAY_FS",
			strings.TrimSpace(string(out)))
	}
	return nil
}

func checkDisk(stateRoot string) error {
	dir := stateRoot
	var fs unix.Statfs_t
	for {
		err := unix.Statfs(dir, &fs)
		if err == nil {
			break
		}
		if err != unix.ENOENT || dir == "/" {
			return fmt.Errorf("look at the disk of %s: %w", stateRoot, err)
		}
		dir = filepath.Dir(dir)
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < minFree {
		return fmt.Errorf("only %.1f GiB are free at %s, a cluster needs %d GiB; free some or put clusters elsewhere with MUSTER_STATE",
			float64(free)/(1<<30), stateRoot, minFree>>30)
	}
	return nil
}
