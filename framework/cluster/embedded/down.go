//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
)

// busyWithin is how long Down waits for another muster to let go of a cluster:
// longer than a watcher sweeps.
const busyWithin = sweepWithin + 5*time.Second

// Down ends the cluster of that name in the default state root; see DownIn.
func Down(ctx context.Context, name string) error { return DownIn(ctx, StateRoot(), name) }

// DownIn kills the cluster's first process and with it everything inside,
// sweeps the host and removes the state directory, logs included. It works the
// same on a crashed cluster. Returns ErrAbsent when there is none.
func DownIn(ctx context.Context, root, name string) error {
	if err := cluster.CheckName(name); err != nil {
		return err
	}
	if err := checkRoot(); err != nil {
		return err
	}
	l := newLayout(root, name)
	if _, err := os.Stat(l.dir()); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w %q; nothing to do", ErrAbsent, name)
	}
	waiting, cancel := context.WithTimeout(ctx, busyWithin)
	defer cancel()
	lock, err := cluster.WaitLock(waiting, l.lock(), l.name)
	if err != nil {
		return err
	}
	defer lock.Release()
	r, err := loadRecord(l)
	if err != nil { // begun and never recorded: nothing was made outside the directory
		return os.RemoveAll(l.dir())
	}
	return remove(ctx, l, r)
}
