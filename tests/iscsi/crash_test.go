package iscsi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestKilledDaemonLeavesNothing(t *testing.T) {
	directory := begin(t)
	one, two := newTarget(t, 1, "one", 8*mib), newTarget(t, 2, "two", 8*mib)
	server := startTgt(t, one, two)
	i := startInitiator(t, directory)
	behind := map[string]string{}
	for _, each := range []target{one, two} {
		device := i.login(each)
		behind[device] = backing(device)
		if behind[device] == "" {
			t.Fatalf("%s is no loop device", device)
		}
	}
	if len(left(directory)) < 4 {
		t.Fatalf("two processes and mounts are expected while there are sessions, seen are %q", left(directory))
	}
	// A target that does not answer must not keep anything either.
	must(t, server.process.Signal(syscall.SIGSTOP))
	i.end(syscall.SIGKILL)
	wantNothingLeft(t, directory, behind)
	must(t, server.process.Signal(syscall.SIGCONT))

	again := startInitiator(t, directory)
	if _, message, code := again.adm("-m session"); code != 21 {
		t.Errorf("a new daemon lists sessions: exit code %d, %q", code, message)
	}
	again.do("-m node -T " + one.name + " --login")
	write(t, again.device(one), noise(11, mib))
	wantSum(t, one.image, noise(11, mib))
}

func TestMountedDeviceOfAKilledDaemonGoesWithItsMount(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 64*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	behind := map[string]string{device: backing(device)}
	node, mount := filepath.Join("/dev", device), t.TempDir()
	must(t, exec.Command("mkfs.ext4", "-q", node).Run())
	must(t, syscall.Mount(node, mount, "ext4", 0, ""))
	must(t, os.WriteFile(filepath.Join(mount, "file"), []byte("kept"), 0o600))
	syscall.Sync()
	i.end(syscall.SIGKILL)
	eventually(t, "the processes to end", func() bool { return len(left(directory)) == 0 })
	if backing(device) == "" {
		t.Error("the device is gone below its file system")
	}
	must(t, syscall.Unmount(mount, 0))
	wantNothingLeft(t, directory, behind)

	again := startInitiator(t, directory)
	again.do("-m node -T " + one.name + " --login")
	must(t, syscall.Mount(filepath.Join("/dev", again.device(one)), mount, "ext4", 0, ""))
	content, err := os.ReadFile(filepath.Join(mount, "file"))
	if err != nil || string(content) != "kept" {
		t.Errorf("the file has %q, %v", content, err)
	}
	must(t, syscall.Unmount(mount, 0))
}

func TestSessionWhoseProcessDiesIsOfflineUntilLogout(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	must(t, syscall.Kill(processOf(t), syscall.SIGKILL))
	eventually(t, "the disk to be offline", func() bool { return i.state(one) == "offline" })
	if i.device(one) != device {
		t.Errorf("the session shows %s, it had %s", i.device(one), device)
	}
	i.logout(one)
	wantNothingLeft(t, directory, nil)
	write(t, i.login(one), noise(12, mib))
	wantSum(t, one.image, noise(12, mib))
}

// processOf returns the process of the only session.
func processOf(t *testing.T) int {
	t.Helper()
	var found []int
	entries, err := os.ReadDir("/proc")
	must(t, err)
	for _, entry := range entries {
		comm, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		if strings.HasPrefix(string(comm), "qemu-storage") {
			found = append(found, number(t, entry.Name()))
		}
	}
	if len(found) != 1 {
		t.Fatalf("processes of qemu are %v, want one", found)
	}
	return found[0]
}
