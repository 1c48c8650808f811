package iscsi_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestLogoutWritesOutWhatTheKernelHolds(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 64*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device, content := i.login(one), noise(5, 48*mib)
	behind := map[string]string{device: backing(device)}
	file, err := os.OpenFile(filepath.Join("/dev", device), os.O_WRONLY, 0)
	must(t, err)
	_, err = file.Write(content)
	must(t, err)
	// It stays open, since to close the last of a device writes everything out.
	i.logout(one)
	wantSum(t, one.image, content)
	file.Close()
	wantNothingLeft(t, directory, behind)
}

func TestLogoutUnderLoadCutsTheWriterOff(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", 64*mib)
	startTgt(t, one)
	i := startInitiator(t, directory)
	device := i.login(one)
	behind := map[string]string{device: backing(device)}
	file, buffer := openDirect(t, device), aligned(mib)
	copy(buffer, noise(6, mib))
	begun, written, failed := make(chan bool, 1), 0, make(chan error, 1)
	go func() {
		for {
			if _, err := file.WriteAt(buffer, int64(written%64)*mib); err != nil {
				failed <- err
				return
			}
			if written++; written == 3 {
				begun <- true
			}
		}
	}()
	<-begun
	i.logout(one)
	if err := <-failed; written < 3 {
		t.Errorf("only %d writes went through before %v", written, err)
	}
	file.Close()
	wantNothingLeft(t, directory, behind)
	wantSum(t, one.image, buffer)
	wantSum(t, filepath.Join("/dev", i.login(one)), buffer)
}

func TestDaemonThatIsToldToStopLogsOut(t *testing.T) {
	directory := begin(t)
	one, two := newTarget(t, 1, "one", 32*mib), newTarget(t, 2, "two", 32*mib)
	startTgt(t, one, two)
	i := startInitiator(t, directory)
	behind := map[string]string{}
	for _, each := range []target{one, two} {
		device := i.login(each)
		behind[device] = backing(device)
		file, err := os.OpenFile(filepath.Join("/dev", device), os.O_WRONLY, 0)
		must(t, err)
		defer file.Close()
		_, err = file.Write(noise(uint64(each.id), 16*mib))
		must(t, err)
		defer wantSum(t, each.image, noise(uint64(each.id), 16*mib))
	}
	i.end(syscall.SIGTERM)
	if rest := left(directory); len(rest) > 0 {
		t.Errorf("left: %q", rest)
	}
}
