//go:build linux

package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const cgroupBase = "/sys/fs/cgroup"

// enterCgroups makes the cluster's own cgroup in every hierarchy and moves the
// supervisor into its "system" child, so that everything of the cluster is
// below one directory per hierarchy that can be removed afterwards.
func enterCgroups(name string) error {
	roots, err := CgroupRoots()
	if err != nil {
		return err
	}
	for _, root := range roots {
		system := filepath.Join(root, name, "system")
		if err := os.MkdirAll(system, 0o755); err != nil {
			return fmt.Errorf("make the cgroup %s: %w", system, err)
		}
		if err := prepareCgroup(root, filepath.Join(root, name), system); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(system, "cgroup.procs"), []byte("0"), 0o644); err != nil {
			return fmt.Errorf("enter the cgroup %s: %w", system, err)
		}
	}
	return nil
}

// prepareCgroup fills what an empty cgroup lacks: CPUs and memory nodes on v1,
// enabled controllers on v2.
func prepareCgroup(root string, chain ...string) error {
	parent := root
	for _, dir := range chain {
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			value, err := os.ReadFile(filepath.Join(parent, file))
			if err != nil {
				continue // not a v1 cpuset hierarchy
			}
			if own, err := os.ReadFile(filepath.Join(dir, file)); err == nil && len(strings.TrimSpace(string(own))) > 0 {
				continue
			}
			err = os.WriteFile(filepath.Join(dir, file), value, 0o644)
			if err != nil && !errors.Is(err, unix.EACCES) {
				return fmt.Errorf("copy %s to %s: %w", file, dir, err)
			}
		}
		parent = dir
	}
	return enableControllers(root, chain[0])
}

func enableControllers(dirs ...string) error {
	for _, dir := range dirs {
		available, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
		if err != nil {
			return nil // v1
		}
		for _, controller := range strings.Fields(string(available)) {
			err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
			if err != nil && (controller == "cpu" || controller == "memory" || controller == "pids") {
				return fmt.Errorf("enable the %s controller below %s: %w", controller, dir, err)
			}
		}
	}
	return nil
}

// CgroupRoots returns the root directory of every mounted cgroup hierarchy:
// one on a v2 host, one per controller on v1.
func CgroupRoots() ([]string, error) {
	if isCgroup(cgroupBase) {
		return []string{cgroupBase}, nil
	}
	entries, err := os.ReadDir(cgroupBase)
	if err != nil {
		return nil, fmt.Errorf("list the cgroup hierarchies: %w", err)
	}
	var roots []string
	for _, e := range entries {
		dir := filepath.Join(cgroupBase, e.Name())
		if e.IsDir() && isCgroup(dir) {
			roots = append(roots, dir)
		}
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("no cgroup hierarchy is mounted at %s; mount cgroup v2 there", cgroupBase)
	}
	return roots, nil
}

func isCgroup(dir string) bool {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return false
	}
	return fs.Type == unix.CGROUP_SUPER_MAGIC || fs.Type == unix.CGROUP2_SUPER_MAGIC
}
