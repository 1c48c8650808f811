package iscsi_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	// rootVariable names the directory that becomes the root of the tests.
	rootVariable = "MUSTER_ISCSI_TEST_ROOT"
	// address is this machine's in the network of the tests. go-iscsi-helper looks for one that is not 127.0.0.1.
	address = "10.77.0.1"
)

// beInit makes the world of the tests, runs them, and reaps what their processes leave.
func beInit() int {
	if err := makeWorld(os.Getenv(rootVariable)); err != nil {
		fmt.Fprintln(os.Stderr, "cannot make namespaces for the tests:", err)
		return 1
	}
	tests := again("tests")
	if err := tests.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			return 1
		case pid == tests.Process.Pid && status.Exited():
			return status.ExitStatus()
		case pid == tests.Process.Pid:
			return 1
		}
	}
}

// makeWorld gives this process a root that is the host's, but for /run, /proc,
// the logs, and /host/proc, which Longhorn's code looks into.
func makeWorld(root string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("root", root, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mount a root: %w", err)
	}
	if err := copyRoot(root); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return unix.Mount("proc", filepath.Join(root, "proc"), "proc", 0, "") },
		func() error { return unix.Mount("run", filepath.Join(root, "run"), "tmpfs", 0, "") },
		func() error { return unix.Mount("log", filepath.Join(root, "var/log"), "tmpfs", 0, "") },
		func() error { return os.MkdirAll(filepath.Join(root, "host/proc"), 0o755) },
		func() error {
			return unix.Mount(filepath.Join(root, "proc"), filepath.Join(root, "host/proc"), "", unix.MS_BIND, "")
		},
		func() error { return enter(root) },
		func() error { return exec.Command("ip", "link", "set", "lo", "up").Run() },
		func() error { return exec.Command("ip", "address", "add", address+"/32", "dev", "lo").Run() },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d of the namespaces: %w", i, err)
		}
	}
	return nil
}

// copyRoot shows all that is in / in root too.
func copyRoot(root string) error {
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		from, to := filepath.Join("/", entry.Name()), filepath.Join(root, entry.Name())
		switch {
		case entry.Type()&os.ModeSymlink != 0:
			var target string
			if target, err = os.Readlink(from); err == nil {
				err = os.Symlink(target, to)
			}
		case entry.IsDir():
			if err = os.Mkdir(to, 0o755); err == nil {
				err = unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
			}
		}
		if err != nil {
			return fmt.Errorf("show %s: %w", from, err)
		}
	}
	return nil
}

// enter makes root the root of the mount namespace. The working directory keeps its path.
func enter(root string) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	old := filepath.Join(root, ".old")
	if err := os.Mkdir(old, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, old); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	if err := unix.Unmount("/.old", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("let go of the host's root: %w", err)
	}
	return os.Chdir(here)
}
