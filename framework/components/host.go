package components

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Use says what a host package is needed for.
type Use int

const (
	// ForCgo is compiling runc.
	ForCgo Use = iota
	// ForBase is making the driver image's Debian layer.
	ForBase
	// ForRun is running a cluster.
	ForRun
)

// hostPackage is a Debian package that must be installed, and what shows that
// it is: a program, a library known to pkg-config, or a header file.
type hostPackage struct {
	use     Use
	name    string
	program string
	library string
	header  string
}

// hostPackages is the list that scripts/setup.sh checks as well.
var hostPackages = []hostPackage{
	{use: ForCgo, name: "gcc", program: "gcc"},
	{use: ForCgo, name: "libc6-dev", header: "/usr/include/stdlib.h"},
	{use: ForCgo, name: "pkg-config", program: "pkg-config"},
	{use: ForCgo, name: "libseccomp-dev", library: "libseccomp"},
	{use: ForBase, name: "mmdebstrap", program: "mmdebstrap"},
	{use: ForRun, name: "nftables", program: "nft"},
	{use: ForRun, name: "iproute2", program: "ip"},
	{use: ForRun, name: "e2fsprogs", program: "mkfs.ext4"},
	{use: ForRun, name: "xfsprogs", program: "mkfs.xfs"},
	{use: ForRun, name: "qemu-utils", program: "qemu-img"},
}

// kernelFeature is something the kernel must offer to run a cluster.
type kernelFeature struct {
	module string // name for modprobe
	file   string // exists when the feature is there, or
	fsType string // is listed in /proc/filesystems
}

// kernelFeatures is the list that scripts/setup.sh checks as well.
var kernelFeatures = []kernelFeature{
	{module: "xfs", fsType: "xfs"},
	{module: "overlay", fsType: "overlay"},
	{module: "loop", file: "/dev/loop-control"},
}

// CheckHost returns one error that names every host package and kernel feature
// missing for the given uses and how to get them, and nil when none is. As
// root it tries to load missing kernel modules. It may be called any number of
// times and takes milliseconds.
func CheckHost(uses ...Use) error {
	var missing []string
	var run bool
	for _, use := range uses {
		run = run || use == ForRun
		for _, p := range hostPackages {
			if p.use == use && !p.installed() {
				missing = append(missing, p.name)
			}
		}
	}
	var errs []error
	if len(missing) > 0 {
		errs = append(errs, fmt.Errorf("host packages are missing: %s; scripts/setup.sh, run as root, installs them where apt is",
			strings.Join(missing, ", ")))
	}
	if run {
		errs = append(errs, checkKernel())
	}
	return errors.Join(errs...)
}

// installed tells whether the package does what it is needed for.
func (p hostPackage) installed() bool {
	if p.library != "" {
		return exec.Command("pkg-config", "--exists", p.library).Run() == nil
	}
	if p.header != "" {
		_, err := os.Stat(p.header)
		return err == nil
	}
	return findProgram(p.program) != ""
}

// findProgram looks for a program in PATH and in the administrator's
// directories, which the PATH of a plain user lacks on Debian.
func findProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

// checkKernel returns an error that names the features the kernel lacks.
func checkKernel() error {
	var missing []string
	for _, f := range kernelFeatures {
		if f.present() {
			continue
		}
		if modprobe := findProgram("modprobe"); modprobe != "" {
			// Failure shows in the next look.
			_ = exec.Command(modprobe, "-q", f.module).Run()
		}
		if !f.present() {
			missing = append(missing, f.module)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the kernel lacks: %s; load these modules with modprobe or boot a kernel that has them",
			strings.Join(missing, ", "))
	}
	return nil
}

// present tells whether the kernel offers the feature now.
func (f kernelFeature) present() bool {
	if f.file != "" {
		_, err := os.Stat(f.file)
		return err == nil
	}
	lines, err := readLines("/proc/filesystems")
	if err != nil {
		return false
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		if fields[len(fields)-1] == f.fsType {
			return true
		}
	}
	return false
}
