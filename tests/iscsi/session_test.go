package iscsi_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
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

func TestManyLoginsAtOnceMakeOneSession(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	codes := make(chan int, 8)
	for range cap(codes) {
		go func() {
			_, _, code := i.adm("-m node -T " + one.name + " --login")
			codes <- code
		}()
	}
	counted := map[int]int{}
	for range cap(codes) {
		counted[<-codes]++
	}
	if counted[0] != 1 || counted[15] != cap(codes)-1 {
		t.Errorf("exit codes by number are %v, want one 0 and otherwise 15", counted)
	}
	if lines := strings.Count(i.do("-m session"), "tcp: ["); lines != 1 {
		t.Errorf("%d sessions are listed, want 1", lines)
	}
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
