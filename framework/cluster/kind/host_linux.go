package kind

import (
	"os"

	"golang.org/x/sys/unix"
)

// thisHost looks at the machine that the nodes run on.
func thisHost() host {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	has, prctlErr := unix.PrctlRetInt(unix.PR_CAPBSET_READ, unix.CAP_SYS_RESOURCE, 0, 0, 0)
	return host{cgroupV1: err != nil, noResource: prctlErr == nil && has == 0}
}
