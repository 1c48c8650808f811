package runner

import (
	"os"
	"regexp"
	"strconv"

	"github.com/muster-csi/muster/framework/yardstick"
)

// sysResource is the number of CAP_SYS_RESOURCE.
const sysResource = 24

// boundingSet finds the capabilities that a process can ever have, as bits.
var boundingSet = regexp.MustCompile(`(?m)^CapBnd:\s*([0-9a-f]+)$`)

// withheld reports whether this process, and with it the node of the cluster that it
// started, can never have a capability of Linux.
func withheld(capability string) bool {
	status, err := os.ReadFile("/proc/self/status")
	return err == nil && capability == yardstick.SysResource && lacks(status, sysResource)
}

// lacks reports whether the status of a process lacks a capability.
func lacks(status []byte, number uint) bool {
	found := boundingSet.FindSubmatch(status)
	if found == nil {
		return false
	}
	set, err := strconv.ParseUint(string(found[1]), 16, 64)
	return err == nil && set&(1<<number) == 0
}
