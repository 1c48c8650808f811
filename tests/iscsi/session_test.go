package iscsi_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatIsWrittenOnOneSideIsReadOnTheOther(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 64*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device, content := i.login(one), noise(1, 48*mib)
	write(t, device, content)
	wantSum(t, one.image, content)
	i.logout(one)

	content = noise(2, 48*mib)
	must(t, os.WriteFile(one.image, append(content, make([]byte, 16*mib)...), 0o600))
	wantSum(t, filepath.Join("/dev", i.login(one)), content)
}

func TestTwoSessionsAtOnceKeepTheirDataApart(t *testing.T) {
	directory := begin(t)
	targets := []target{newTarget(t, 1, "one", 32*mib), newTarget(t, 2, "two", 32*mib)}
	startTgt(t, targets...)
	i := startInitiator(t, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	var both sync.WaitGroup
	for n, each := range targets {
		both.Go(func() {
			if _, message, code := i.adm("-m node -T " + each.name + " --login"); code != 0 {
				t.Errorf("login: exit code %d: %s", code, message)
				return
			}
			write(t, i.device(each), noise(uint64(n), 24*mib))
		})
	}
	both.Wait()
	for n, each := range targets {
		wantSum(t, each.image, noise(uint64(n), 24*mib))
	}
	if lines := strings.Count(i.do("-m session"), "tcp: ["); lines != 2 {
		t.Errorf("%d sessions are listed, want 2", lines)
	}
	i.logout(targets[0])
	wantSum(t, filepath.Join("/dev", i.device(targets[1])), noise(1, 24*mib))
}

func TestExitCodesAreThoseOfOpenISCSI(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	node := "-m node -T " + one.name
	want := func(line string, code int) {
		t.Helper()
		if _, message, got := i.adm(line); got != code {
			t.Errorf("iscsiadm %s: exit code %d (%s), want %d", line, got, message, code)
		}
	}
	want("-m session", 21)
	want(node+" --login", 21)
	i.login(one)
	want(node+" --login", 15)
	want(node+" -o delete", 15)
	i.logout(one)
	want(node+" --logout", 21)
	want(node+" -o delete", 0)
	want(node+" -o delete", 21)
}

func TestLoginFailsWhenTheTargetHasNoDisk(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", mib)
	startTgt(t, one)
	one.removeDisk(t)
	i := startInitiator(t, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	if _, message, code := i.adm("-m node -T " + one.name + " --login"); code != 5 || !strings.Contains(message, one.name) {
		t.Errorf("exit code %d, %q", code, message)
	}
	wantNothingLeft(t, directory, nil)
}

func TestDeviceFollowsTheSizeOfItsDisk(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	// tgtd takes the size of a file when it opens it.
	one.removeDisk(t)
	must(t, os.Truncate(one.image, 24*mib))
	one.addDisk(t)
	i.do("-m node -T " + one.name + " -p " + address + " -R")
	file, err := os.Open(filepath.Join("/dev", device))
	must(t, err)
	defer file.Close()
	if size, err := file.Seek(0, 2); err != nil || size != 24*mib {
		t.Errorf("the device has %d bytes, %v; want %d", size, err, 24*mib)
	}
	write(t, device, noise(3, 24*mib))
	wantSum(t, one.image, noise(3, 24*mib))
}

func TestDiscardGivesSpaceBack(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 16*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	write(t, device, noise(4, 16*mib))
	file := openDirect(t, device)
	area := [2]uint64{0, 8 * mib}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), unix.BLKDISCARD, pointer(&area)); errno != 0 {
		t.Fatal(errno)
	}
	eventually(t, "the space to be free", func() bool {
		var stat syscall.Stat_t
		return syscall.Stat(one.image, &stat) == nil && stat.Blocks*512 <= 8*mib+64<<10
	})
}
