package iscsi_test

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// begun is a write that runs beside the test and closes the device behind it.
func begun(t *testing.T, device string, content []byte) <-chan error {
	file, buffer := openDirect(t, device), aligned(len(content))
	copy(buffer, content)
	done := make(chan error, 1)
	go func() {
		_, err := file.WriteAt(buffer, 0)
		file.Close()
		done <- err
	}()
	return done
}

func TestWritesWaitForATargetThatComesBack(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	server := startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	server.kill()
	eventually(t, "the session to see that its target is gone", func() bool { return i.state(one) == "blocked" })
	content := noise(7, mib)
	done := begun(t, device, content)
	startTgt(t, one)
	eventually(t, "the session to find its target again", func() bool { return i.state(one) == "running" })
	if err := <-done; err != nil {
		t.Errorf("a write that waited for the target failed: %v", err)
	}
	wantSum(t, one.image, content)
	i.logout(one) // before the new tgtd goes
}

func TestWritesFailWhenTheTargetStaysAway(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	server := startTgt(t, one)
	i := startInitiator(t, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	i.do("-m node -T " + one.name + " -o update -n node.session.timeo.replacement_timeout -v 2")
	i.do("-m node -T " + one.name + " --login")
	device := i.device(one)
	server.kill()
	done := begun(t, device, noise(8, mib))
	if err := <-done; !errors.Is(err, unix.EIO) {
		t.Errorf("the write ended with %v, want an I/O error", err)
	}
	if state := i.state(one); state != "offline" {
		t.Errorf("the disk is %s, want offline", state)
	}
	i.logout(one)
	startTgt(t, one)
	content := noise(9, mib)
	write(t, i.login(one), content)
	wantSum(t, one.image, content)
	i.logout(one) // before the new tgtd goes
	wantNothingLeft(t, directory, nil)
}

func TestLogoutEndsThoughTheTargetIsGone(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 8*mib)
	server := startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	server.kill()
	done := begun(t, device, noise(10, mib))
	i.logout(one)
	if err := <-done; err == nil {
		t.Error("a write succeeded without a target")
	}
	wantNothingLeft(t, directory, nil)
}
