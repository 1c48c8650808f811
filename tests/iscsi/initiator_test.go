package iscsi_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// initiator is a running daemon.
type initiator struct {
	t         testing.TB
	directory string
	process   *os.Process
}

// begin skips where nothing can be tested, and returns a state directory.
func begin(t testing.TB) string {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	t.Setenv("PATH", os.Getenv(programsVariable)+":"+os.Getenv("PATH"))
	directory := t.TempDir()
	t.Setenv("MUSTER_ISCSI_STATE_DIR", directory)
	return directory
}

// startInitiator starts a daemon and waits until it says that it is ready. It is told to stop when the test ends.
func startInitiator(t testing.TB, directory string, flags ...string) *initiator {
	t.Helper()
	return startDaemon(t, directory, exec.Command("iscsid", append([]string{"--state-dir", directory}, flags...)...))
}

func startDaemon(t testing.TB, directory string, command *exec.Cmd) *initiator {
	t.Helper()
	output, err := command.StderrPipe()
	must(t, err)
	must(t, command.Start())
	i := &initiator{t: t, directory: directory, process: command.Process}
	t.Cleanup(func() { i.end(syscall.SIGTERM) })
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "msg=ready") {
				ready <- true
			}
			t.Log("iscsid: " + lines.Text())
		}
		close(ready)
	}()
	if !<-ready {
		t.Fatal("the daemon did not start")
	}
	return i
}

// end sends the signal and waits for the end; a second call does nothing.
func (i *initiator) end(signal syscall.Signal) {
	if i.process.Signal(signal) == nil {
		i.process.Wait()
	}
}

// adm runs iscsiadm, and returns standard output, error output and exit code.
func (i *initiator) adm(line string) (output, message string, code int) {
	i.t.Helper()
	command := exec.Command("iscsiadm", strings.Fields(line)...)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		i.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode()
}

// do runs iscsiadm, which must succeed.
func (i *initiator) do(line string) string {
	i.t.Helper()
	output, message, code := i.adm(line)
	if code != 0 {
		i.t.Fatalf("iscsiadm %s: exit code %d: %s", line, code, message)
	}
	return output
}

// login discovers the target, logs in and returns the block device, as "loop3".
func (i *initiator) login(g target) string {
	i.t.Helper()
	i.do("-m discovery -t sendtargets -p " + address)
	i.do("-m node -T " + g.name + " -p " + address + " --login")
	return i.device(g)
}

func (i *initiator) logout(g target) {
	i.t.Helper()
	i.do("-m node -T " + g.name + " --logout")
}

// runDaemon runs a daemon that is expected to end by itself.
func runDaemon(directory string) (string, error) {
	output, err := exec.Command("iscsid", "--state-dir", directory).CombinedOutput()
	return string(output), err
}
