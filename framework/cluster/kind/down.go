package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/loops"
)

const (
	// busyWithin is how long DownIn waits for another muster to let go of a cluster.
	busyWithin = 30 * time.Second
	// sweepWithin bounds how long loop devices may stay busy.
	sweepWithin = 20 * time.Second
)

// DownIn removes the cluster's nodes, their volumes and loop devices, and its state
// below root. It works the same on a crashed cluster. Returns ErrAbsent when there
// is none.
func DownIn(ctx context.Context, root, name string) error {
	if err := cluster.CheckName(name); err != nil {
		return err
	}
	if err := checkEngine(ctx); err != nil {
		return err
	}
	l := newLayout(root, name)
	waiting, cancel := context.WithTimeout(ctx, busyWithin)
	defer cancel()
	lock, err := cluster.WaitLock(waiting, l.lock(), l.name)
	if err != nil {
		return err
	}
	defer lock.Release()
	members, err := containers(ctx, name)
	if err != nil {
		return err
	}
	if len(members) == 0 && !l.begun() {
		return fmt.Errorf("%w %q of kind; nothing to do", cluster.ErrAbsent, name)
	}
	return remove(ctx, l)
}

// remove removes the nodes and forgets the cluster.
func remove(ctx context.Context, l layout) error {
	if err := removeNodes(ctx, l.name); err != nil {
		return err
	}
	if err := os.RemoveAll(l.dir()); err != nil {
		return fmt.Errorf("remove the state directory of cluster %q: %w", l.name, err)
	}
	return nil
}

// removeNodes kills the nodes, detaches the loop devices on their files, which
// outlive them, and removes them with their volumes.
func removeNodes(ctx context.Context, name string) error {
	members, err := containers(ctx, name)
	if err != nil || len(members) == 0 {
		return err
	}
	var failures []error
	dirs, err := volumeDirs(ctx, members)
	failures = append(failures, err)
	for _, member := range members {
		if member.running {
			_, err := docker(ctx, nil, "kill", member.name)
			failures = append(failures, err)
		}
	}
	sweeping, cancel := context.WithTimeout(ctx, sweepWithin)
	defer cancel()
	for _, dir := range dirs {
		failures = append(failures, sweep(sweeping, dir))
	}
	if err := library().Delete(name, os.DevNull); err != nil {
		failures = append(failures, fmt.Errorf("remove the nodes of kind cluster %q: %w", name, err))
	}
	return errors.Join(failures...)
}

// volumeDirs returns the directories of the nodes' volumes, where the engine is on
// this machine and lets us see them.
func volumeDirs(ctx context.Context, members []container) ([]string, error) {
	args := []string{"inspect", `--format={{range .Mounts}}{{if eq .Type "volume"}}{{println .Source}}{{end}}{{end}}`}
	for _, member := range members {
		args = append(args, member.name)
	}
	list, err := docker(ctx, nil, args...)
	return strings.Fields(list), err
}

// sweep detaches what stands on files below dir. Only root can, and only where the
// engine is on this machine; elsewhere they are not this machine's.
func sweep(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); err != nil || os.Geteuid() != 0 {
		return nil
	}
	return loops.Sweep(ctx, dir)
}
