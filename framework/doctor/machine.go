package doctor

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	lh "github.com/muster-csi/muster/framework/longhorn/release"
)

// Machine is what a machine shows on which muster brings up clusters for Longhorn; their nodes share its kernel.
type Machine struct {
	// Files is its root directory.
	Files fs.FS
	// Program says whether a program is found in PATH or among those of the administrator.
	Program func(name string) bool
	// Root says that this process is root's.
	Root bool
	// Disk is where clusters keep their data, Free and Size what the disk there has, in bytes.
	Disk       string
	Free, Size uint64
}

const (
	capSysAdmin    = 21
	capSysResource = 24
)

// ExamineMachine says whether a Longhorn can run in clusters on the machine, at least one finding for each check.
func ExamineMachine(m Machine) []Finding {
	var all []Finding
	for _, check := range []struct {
		name string
		look func(Machine) []Finding
	}{
		{"kernel's iSCSI", kernelISCSI}, {"iscsid", runningISCSID}, {"iSCSI in user space", userISCSI},
		{"NFS client", nfsClient}, {"privileges", privileges}, {"free disk", freeDisk},
	} {
		for _, finding := range check.look(m) {
			finding.Check = check.name
			all = append(all, finding)
		}
	}
	return all
}

func (m Machine) has(file string) bool {
	_, err := fs.Stat(m.Files, strings.TrimPrefix(file, "/"))
	return err == nil
}

func (m Machine) read(file string) string {
	text, _ := fs.ReadFile(m.Files, strings.TrimPrefix(file, "/")) // what cannot be read is not there
	return string(text)
}

// kernelISCSI looks for the kernel's initiator, which clusters made here do not use: it works in the
// first network namespace only.
func kernelISCSI(m Machine) []Finding {
	if m.has("/sys/module/iscsi_tcp") || m.has("/sys/class/iscsi_transport/tcp") {
		return []Finding{fine("the kernel has it; nodes of clusters that are made here use muster-iscsi, because it works in the first network namespace only")}
	}
	return []Finding{warning("nothing for clusters that are made here, whose nodes use muster-iscsi; for a Longhorn on this machine itself: modprobe iscsi_tcp, or docs/iscsi.md", "iscsi_tcp is not loaded")}
}

func runningISCSID(m Machine) []Finding {
	names, err := fs.Glob(m.Files, "proc/[0-9]*/comm")
	if err == nil && slices.ContainsFunc(names, func(file string) bool { return strings.TrimSpace(m.read(file)) == "iscsid" }) {
		return []Finding{fine("it runs; nodes of clusters that are made here have their own")}
	}
	return []Finding{fine("none runs, and none is needed: nodes of clusters that are made here get their own")}
}

// userISCSI looks for what muster-iscsi is made of. Nodes of an embedded cluster have the programs of this machine.
func userISCSI(m Machine) []Finding {
	var findings []Finding
	for program, pkg := range map[string]string{"qemu-storage-daemon": "qemu-system-common", "iscsi-ls": "libiscsi-bin"} {
		if !m.Program(program) {
			findings = append(findings, failure("sudo scripts/setup.sh --iscsi, or install the package "+pkg, "the program %s is missing", program))
		}
	}
	if modules, _ := fs.Glob(m.Files, "usr/lib/*/qemu/block-iscsi.so"); len(modules) == 0 && !m.has("/usr/lib/qemu/block-iscsi.so") {
		findings = append(findings, failure("sudo scripts/setup.sh --iscsi, or install the package qemu-block-extra", "qemu's block-iscsi.so is missing"))
	}
	for device, module := range map[string]string{"/dev/fuse": "fuse", "/dev/loop-control": "loop"} {
		if !m.has(device) {
			findings = append(findings, failure("modprobe "+module+", or boot a kernel that has it", "there is no %s", device))
		}
	}
	if len(findings) == 0 {
		return []Finding{fine("muster-iscsi has all that it needs")}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return strings.Compare(a.Seen, b.Seen) })
	return findings
}

func nfsClient(m Machine) []Finding {
	if slices.Contains(strings.Fields(m.read("/proc/filesystems")), "nfs4") {
		return []Finding{fine("the kernel mounts NFS 4")}
	}
	return []Finding{warning("modprobe nfs, and install nfs-common", "the kernel does not mount NFS 4: RWX volumes and backups to NFS do not work")}
}

func privileges(m Machine) []Finding {
	switch bounds := capabilities(m.read("/proc/self/status")); {
	case !m.Root:
		return []Finding{failure("run it with sudo", "clusters need root, and this process is not root's")}
	case bounds&(1<<capSysAdmin) == 0:
		return []Finding{failure("run it outside of this container, or in a privileged one", "CAP_SYS_ADMIN is withheld: nothing can be mounted")}
	case bounds&(1<<capSysResource) == 0:
		return []Finding{warning("use a machine that has it, if specs about growth matter", "CAP_SYS_RESOURCE is withheld: a mounted ext4 cannot grow, and specs about that are skipped")}
	}
	return []Finding{fine("root, with CAP_SYS_ADMIN and CAP_SYS_RESOURCE")}
}

// capabilities are those that the process of a status can ever have, as bits; none when it does not say.
func capabilities(status string) uint64 {
	for line := range strings.Lines(status) {
		if bits, found := strings.CutPrefix(line, "CapBnd:"); found {
			set, _ := strconv.ParseUint(strings.TrimSpace(bits), 16, 64)
			return set
		}
	}
	return 0
}

// leastFreeHere and enoughFreeHere are as leastFree and enoughFree for a Longhorn that muster installs.
const (
	leastFreeHere  = lh.LeastFreePercent / 100.0
	enoughFreeHere = leastFreeHere + 0.05
)

// leastBytes is what images and volumes of a run take, with some room.
const leastBytes = 12 << 30

func freeDisk(m Machine) []Finding {
	free := float64(m.Free) / float64(max(m.Size, 1))
	seen := strconv.FormatFloat(float64(m.Free)/(1<<30), 'f', 0, 64) + " GiB of the disk of " + path.Clean(m.Disk) + " are free"
	remedy := "free some of it, or have clusters elsewhere: MUSTER_STATE=<directory>"
	switch {
	case free < leastFreeHere:
		return []Finding{failure(remedy, "%s, less than the %.0f %% below which Longhorn puts no volume there", seen, 100*leastFreeHere)}
	case m.Free < leastBytes:
		return []Finding{failure(remedy, "%s, and a run takes up to %d GiB", seen, leastBytes>>30)}
	case free < enoughFreeHere:
		return []Finding{warning(remedy, "%s, close to the %.0f %% below which Longhorn puts no volume there", seen, 100*leastFreeHere)}
	}
	return []Finding{fine("%s", seen)}
}
