package supervisor

import (
	"path/filepath"
	"strings"
)

// Paths inside the cluster's mount namespace. Everything below /run is in a
// tmpfs of the cluster; /run/muster/state is the state directory.
const (
	runDir        = "/run/muster"
	stateMount    = runDir + "/state"
	hostMount     = runDir + "/host"
	cniConfDir    = runDir + "/cni"
	sysctlDir     = runDir + "/sysctl"
	containerSock = "/run/containerd/containerd.sock"
	etcDir        = stateMount + "/etc"
	pkiDir        = etcDir + "/pki"
	logDir        = stateMount + "/logs"
)

// shadowed are the host directories that the cluster covers with its own, and
// where each is still reachable inside when something needed lies below it.
var shadowed = map[string]string{
	"/var/lib": hostMount + "/var-lib",
	"/var/log": hostMount + "/var-log",
	"/run":     hostMount + "/run",
	"/var/run": hostMount + "/run",
}

// inside returns where the host path can be read inside the cluster, and which
// of the shadowed directories it lies in ("" when in none).
func inside(path string) (inner, from string) {
	clean := filepath.Clean(path)
	for dir, at := range shadowed {
		if rest, ok := strings.CutPrefix(clean, dir+"/"); ok {
			return filepath.Join(at, rest), dir
		}
	}
	return clean, ""
}
