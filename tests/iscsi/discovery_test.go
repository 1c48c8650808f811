package iscsi_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestDiscoveryListsAllTargetsOfAPortal(t *testing.T) {
	directory := begin(t)
	one, two := newTarget(t, 1, "one", mib), newTarget(t, 2, "two", mib)
	startTgt(t, one, two)
	i := startInitiator(t, directory)
	want := address + ":3260,1 " + one.name + "\n" + address + ":3260,1 " + two.name + "\n"
	lines := slices.Sorted(strings.Lines(i.do("-m discovery -t sendtargets -p " + address)))
	if got := strings.Join(lines, ""); got != want {
		t.Errorf("discovery says\n%s, want\n%s", got, want)
	}
	if got := i.do("-m node"); got != want {
		t.Errorf("the records are\n%s, want\n%s", got, want)
	}
}

func TestDiscoveryFailsWhereNoTargetListens(t *testing.T) {
	i := startInitiator(t, begin(t))
	output, message, code := i.adm("-m discovery -t sendtargets -p " + address)
	if code != 4 || output != "" || !strings.Contains(message, address) {
		t.Errorf("exit code %d, %q, %q; want 4 and the address", code, output, message)
	}
	if output, message, code := i.adm("-m node"); code != 21 {
		t.Errorf("records are there: exit code %d, %q, %q", code, output, message)
	}
}

// tgtd hangs up on those who ask while it has nothing to name.
func TestDiscoveryFailsAtAPortalWithoutTargets(t *testing.T) {
	directory := begin(t)
	startTgt(t)
	i := startInitiator(t, directory)
	if output, message, code := i.adm("-m discovery -t sendtargets -p " + address); code != 4 || output != "" || !strings.Contains(message, address) {
		t.Errorf("exit code %d, %q, %q; want 4 and the address", code, output, message)
	}
	if _, _, code := i.adm("-m node"); code != 21 {
		t.Errorf("records are there: exit code %d", code)
	}
}

func TestRecordsAndSettingsOutliveTheDaemon(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", mib)
	startTgt(t, one)
	first := startInitiator(t, directory)
	first.do("-m discovery -t sendtargets -p " + address)
	first.do("-m node -T " + one.name + " -o update -n node.session.err_timeo.abort_timeout -v 33")
	first.end(syscall.SIGKILL)
	second := startInitiator(t, directory)
	if got := second.do("-m node -T " + one.name); !strings.Contains(got, "node.session.err_timeo.abort_timeout = 33\n") {
		t.Errorf("the record is\n%s", got)
	}
	second.do("-m node -T " + one.name + " -o delete")
	if _, message, code := second.adm("-m node -T " + one.name); code != 21 || !strings.Contains(message, "No records found") {
		t.Errorf("after its deletion: exit code %d, %q", code, message)
	}
}

func TestSecondDaemonInTheSameDirectoryIsRefused(t *testing.T) {
	directory := begin(t)
	startInitiator(t, directory)
	output, err := runDaemon(directory)
	if err == nil || !strings.Contains(output, "--state-dir") {
		t.Errorf("the second says %q, %v", output, err)
	}
}
