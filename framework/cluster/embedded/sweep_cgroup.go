//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// sweepCgroups removes the cluster's directory from every cgroup hierarchy.
// Whatever still lives in one is killed: it can only be a process of the
// cluster.
func sweepCgroups(ctx context.Context, name string) error {
	roots, err := supervisor.CgroupRoots()
	if err != nil {
		return err
	}
	var failures []error
	for _, root := range roots {
		if err := removeCgroup(ctx, filepath.Join(root, name)); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// removeCgroup removes a cgroup and everything below it. A cgroup counts as
// busy for a moment after its last process has ended.
func removeCgroup(ctx context.Context, dir string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := tryRemoveCgroup(dir)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("remove the cgroup %s: %w", dir, err)
		}
	}
}

func tryRemoveCgroup(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := len(dirs) - 1; i >= 0; i-- { // children come after parents
		killAll(dirs[i])
		if rmErr := unix.Rmdir(dirs[i]); rmErr != nil && rmErr != unix.ENOENT {
			err = rmErr
		}
	}
	return err
}

// killAll kills the processes of one cgroup; none or gone is fine.
func killAll(dir string) {
	data, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if err != nil {
		return
	}
	for field := range strings.FieldsSeq(string(data)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
}
