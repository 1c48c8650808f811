//go:build linux

package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// prepareMounts turns the inherited copy of the host's mounts into the
// cluster's own view: fresh /proc, /run and /sys, the state directory's
// var-lib and var-log in place of the host's, and spec's paths rewritten to
// where they can be read afterwards. Ends with a shared tree, because CSI
// drivers mount with Bidirectional propagation.
func prepareMounts(spec *Spec) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("cut the mount tree off from the host: %w", err)
	}
	hold, err := holdHostTrees(spec)
	if err != nil {
		return err
	}
	defer hold.close()
	if err := mountFresh("/run", "tmpfs", "mode=755,size=50%"); err != nil {
		return err
	}
	if err := hold.attach(); err != nil {
		return err
	}
	binds := [][2]string{
		{filepath.Join(stateMount, "var-lib"), "/var/lib"},
		{filepath.Join(stateMount, "var-log"), "/var/log"},
	}
	for _, b := range binds {
		if err := unix.Mount(b[0], b[1], "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s over %s: %w", b[0], b[1], err)
		}
	}
	if err := mountFresh("/proc", "proc", ""); err != nil {
		return err
	}
	if err := remountSys(); err != nil {
		return err
	}
	if err := pinSysctls(); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("share the mount tree among pods: %w", err)
	}
	return nil
}

func mountFresh(target, fstype, data string) error {
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV)
	if err := unix.Mount(fstype, target, fstype, flags, data); err != nil {
		return fmt.Errorf("mount a fresh %s on %s: %w", fstype, target, err)
	}
	return nil
}

// heldTree is a detached copy of a host directory, kept by file descriptor
// while the directory itself is being covered.
type heldTree struct {
	fd int
	at string
}

type heldTrees []heldTree

// holdHostTrees takes hold of the state directory and of every covered host
// directory that spec refers to, and rewrites spec's paths.
func holdHostTrees(spec *Spec) (heldTrees, error) {
	wanted := map[string]string{spec.StateDir: stateMount}
	rewrite := func(path string) string {
		inner, from := inside(path)
		if from != "" {
			wanted[from] = shadowed[from]
		}
		return inner
	}
	for name, path := range spec.Binaries {
		spec.Binaries[name] = rewrite(path)
	}
	for i, path := range spec.Images {
		spec.Images[i] = rewrite(path)
	}
	var held heldTrees
	for path, at := range wanted {
		fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
		if err != nil {
			held.close()
			return nil, fmt.Errorf("take hold of %s: %w", path, err)
		}
		held = append(held, heldTree{fd: fd, at: at})
	}
	return held, nil
}

// attach mounts every held tree at its place.
func (h heldTrees) attach() error {
	for _, t := range h {
		if err := os.MkdirAll(t.at, 0o755); err != nil {
			return err
		}
		if err := unix.MoveMount(t.fd, "", unix.AT_FDCWD, t.at, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("mount the held tree on %s: %w", t.at, err)
		}
	}
	return nil
}

func (h heldTrees) close() {
	for _, t := range h {
		unix.Close(t.fd)
	}
}

// remountSys gives the cluster a sysfs of its own network namespace and keeps
// the cgroup hierarchies, which a new sysfs would hide.
func remountSys() error {
	const cgroups = "/sys/fs/cgroup"
	fd, err := unix.OpenTree(unix.AT_FDCWD, cgroups, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return fmt.Errorf("take hold of %s: %w", cgroups, err)
	}
	defer unix.Close(fd)
	if err := mountFresh("/sys", "sysfs", ""); err != nil {
		return err
	}
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, cgroups, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("bring %s back: %w", cgroups, err)
	}
	return nil
}

// pinSysctls covers the host-wide kernel settings that a kubelet insists on
// with files that already have the wanted value. The kubelet finds what it
// wants and leaves the host's real settings alone.
func pinSysctls() error {
	wanted := map[string]string{
		"vm/overcommit_memory":      "1",
		"vm/panic_on_oom":           "0",
		"kernel/panic":              "10",
		"kernel/panic_on_oops":      "1",
		"kernel/keys/root_maxkeys":  "1000000",
		"kernel/keys/root_maxbytes": "25000000",
	}
	for key, value := range wanted {
		file := filepath.Join(sysctlDir, key)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		err := unix.Mount(file, filepath.Join("/proc/sys", key), "", unix.MS_BIND, "")
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("cover /proc/sys/%s: %w", key, err)
		}
	}
	return nil
}
