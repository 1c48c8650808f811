// Package iscsi_test drives muster-iscsi against tgtd, Debian's iSCSI target,
// and lets Longhorn's own go-iscsi-helper judge what iscsiadm answers. It runs
// in namespaces of its own, so that ports, sockets, mounts and process names
// are nobody else's; loop devices are the host's.
package iscsi_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// stageVariable tells a process of this program what it is.
const stageVariable = "MUSTER_ISCSI_TEST_STAGE"

// programsVariable names the directory of muster-iscsi under its three names.
const programsVariable = "MUSTER_ISCSI_TEST_PROGRAMS"

// missing is why nothing can be tested here, "" when it can.
var missing string

func TestMain(m *testing.M) {
	switch os.Getenv(stageVariable) {
	case "init":
		os.Exit(beInit())
	case "tests":
		os.Exit(m.Run())
	}
	if missing = whatIsMissing(); missing != "" {
		os.Exit(m.Run())
	}
	os.Exit(inNamespaces())
}

func whatIsMissing() string {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		return "iSCSI needs root on Linux"
	}
	var lacks []string
	for program, pack := range map[string]string{"tgtd": "tgt", "qemu-storage-daemon": "qemu-system-common", "iscsi-ls": "libiscsi-bin", "mkfs.ext4": "e2fsprogs", "ip": "iproute2"} {
		if _, err := exec.LookPath(program); err != nil {
			lacks = append(lacks, pack)
		}
	}
	for _, node := range []string{"/dev/fuse", "/dev/loop-control"} {
		if _, err := os.Stat(node); err != nil {
			lacks = append(lacks, node)
		}
	}
	slices.Sort(lacks)
	if len(lacks) > 0 {
		return "this machine lacks " + strings.Join(lacks, ", ") + ": scripts/setup.sh --iscsi, run as root, installs packages where apt is"
	}
	return ""
}

// inNamespaces builds muster-iscsi, while there is a network to get modules
// from, and runs this program again as the first process of new namespaces.
func inNamespaces() int {
	directory, err := os.MkdirTemp("", "muster-iscsi-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(directory)
	root, programs := filepath.Join(directory, "root"), filepath.Join(directory, "programs")
	if err := errors.Join(os.Mkdir(root, 0o755), os.Mkdir(programs, 0o755), build(programs)); err != nil {
		fmt.Fprintln(os.Stderr, "cannot build muster-iscsi:", err)
		return 1
	}
	command := again("init")
	command.Env = append(command.Env, rootVariable+"="+root, programsVariable+"="+programs)
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	runtime.LockOSThread() // the signal goes out when this thread ends
	return exitCode(command.Run())
}

// build makes the program and its three names.
func build(directory string) error {
	program := filepath.Join(directory, "muster-iscsi")
	command := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/muster-iscsi")
	command.Dir = "../.."
	command.Stderr = os.Stderr
	err := command.Run()
	for _, name := range []string{"iscsid", "iscsiadm"} {
		err = errors.Join(err, os.Symlink(program, filepath.Join(directory, name)))
	}
	return err
}

func again(stage string) *exec.Cmd {
	command := exec.Command("/proc/self/exe", os.Args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.Env = append(os.Environ(), stageVariable+"="+stage)
	return command
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}
