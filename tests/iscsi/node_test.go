package iscsi_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/longhorn/go-common-libs/proc"
	"github.com/longhorn/go-common-libs/types"
	"github.com/longhorn/go-iscsi-helper/util"
)

func TestLonghornFindsTheDaemonByItsName(t *testing.T) {
	directory := begin(t)
	i := startDaemon(t, directory, exec.Command("muster-iscsi", "daemon", "--state-dir", directory))
	pids, err := proc.GetProcessPIDs(util.ISCSIdProcess, types.HostProcDirectory)
	must(t, err)
	if !slices.Equal(pids, []uint64{uint64(i.process.Pid)}) {
		t.Errorf("processes named iscsid are %v, want %d", pids, i.process.Pid)
	}
}

// smallDev gives what it runs a /dev as in a container, where nobody makes
// nodes for loop devices.
const smallDev = `set -e
mkdir /run/nodes && cp -a /dev/fuse /dev/loop-control /dev/null /dev/urandom /run/nodes
mount -t tmpfs dev /dev
cp -a /run/nodes/* /dev && rm -r /run/nodes
exec "$@"`

func TestDaemonMakesTheNodesThatContainersLack(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	startTgt(t, one)
	i := startDaemon(t, directory, exec.Command("unshare", "--mount", "sh", "-c", smallDev, "sh", "iscsid", "--state-dir", directory))
	device, content := i.login(one), noise(30, mib)
	write(t, device, content)
	wantSum(t, one.image, content)
	wantSum(t, filepath.Join("/proc", strconv.Itoa(i.process.Pid), "root/dev", device), content)
}
