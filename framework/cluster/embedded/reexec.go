//go:build linux

package embedded

import (
	"os"

	"github.com/moby/sys/reexec"

	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// The program that imports this package starts itself again under these names
// (argv[0]) to become a cluster's first process or its watcher. ps shows them.
const (
	supervisorName = "muster-supervisor"
	watcherName    = "muster-watcher"
)

func init() {
	reexec.Register(supervisorName, func() { os.Exit(supervisor.Main()) })
	reexec.Register(watcherName, func() { os.Exit(watch()) })
	reexec.Init() // ends the process when it was started under one of the names
}
