//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster/loops"
)

// sweepWithin bounds the cleaning after a cluster's end.
const sweepWithin = 20 * time.Second

// sweep removes what a dead cluster left on the host: cgroups, loop devices
// and the link. It may be called twice, and while another sweep is running.
// The state directory stays.
func sweep(ctx context.Context, l layout, r *record) error {
	// The cleaning must also finish when the command was interrupted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepWithin)
	defer cancel()
	return errors.Join(
		sweepCgroups(ctx, r.Cgroup),
		loops.Sweep(ctx, l.dir()),
		removeLink(r.Link),
	)
}

// end kills the cluster's first process, waits until it is gone and sweeps.
func end(ctx context.Context, l layout, r *record) error {
	if err := killAndWait(r.Supervisor, r.Boot); err != nil {
		return fmt.Errorf("end cluster %q: %w", r.Name, err)
	}
	return sweep(ctx, l, r)
}

// remove sweeps and forgets a cluster whose first process is dead: the watcher
// ends and the state directory goes.
func remove(ctx context.Context, l layout, r *record) error {
	if err := end(ctx, l, r); err != nil {
		return err
	}
	if err := os.RemoveAll(l.dir()); err != nil {
		return fmt.Errorf("remove the state directory of cluster %q: %w", l.name, err)
	}
	return killAndWait(r.Watcher, r.Boot)
}

// killAndWait kills a process by SIGKILL and returns when the kernel has let
// it go with everything it held. A process that is gone is no error.
func killAndWait(p procID, boot string) error {
	if boot != bootID() || p.PID == 0 {
		return nil
	}
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", p.PID, err)
	}
	defer unix.Close(fd)
	if !p.alive() { // the number belongs to another process now
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %d: %w", p.PID, err)
	}
	return awaitExit(fd, sweepWithin)
}

// awaitExit returns when the process behind a pidfd has ended.
func awaitExit(pidfd int, within time.Duration) error {
	deadline := time.Now().Add(within)
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("the process did not end within %s of being killed", within)
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for the end of the process: %w", err)
		}
		if n > 0 {
			return nil
		}
	}
}
