//go:build linux

package embedded

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster"
)

// watchFD is the watcher's inherited pidfd of the supervisor.
const watchFD = 3

// watch waits for the end of one cluster's first process and sweeps. It leaves
// the state directory: its logs say why the cluster ended.
func watch() int {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	unix.CloseOnExec(watchFD)
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "this process is started by muster up, not by hand")
		return 2
	}
	l := layout{root: os.Args[1], name: os.Args[2]}
	debug.FreeOSMemory()
	if err := awaitExit(watchFD, time.Duration(math.MaxInt32)*time.Millisecond); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := sweepAfter(l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// sweepAfter sweeps the cluster unless a down has done it or is about to, or
// a new cluster has taken the name meanwhile: both are seen in the record.
func sweepAfter(l layout) error {
	ctx, cancel := context.WithTimeout(context.Background(), sweepWithin) // the root context of this process
	defer cancel()
	lock, err := cluster.WaitLock(ctx, l.lock(), l.name)
	if err != nil {
		return err
	}
	defer lock.Release()
	r, err := loadRecord(l)
	if err != nil || r.Watcher.PID != os.Getpid() {
		return nil
	}
	return sweep(ctx, l, r)
}
