//go:build linux

package embedded

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/moby/sys/reexec"
	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// session is a started supervisor before the hand-over.
type session struct {
	cmd     *exec.Cmd
	pidfd   int
	control *os.File
	events  chan supervisor.Event // closed when the supervisor says nothing more
}

// launch starts the supervisor in new namespaces. It waits for its spec and
// has touched nothing yet; it ends when this process does.
func launch(l layout) (*session, error) {
	controlR, controlW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer controlR.Close()
	eventR, eventW, err := os.Pipe()
	if err != nil {
		controlW.Close()
		return nil, err
	}
	defer eventW.Close()
	out, err := os.Create(l.log("supervisor"))
	if err != nil {
		return nil, fmt.Errorf("open the supervisor's log: %w", err)
	}
	defer out.Close()
	s := &session{control: controlW, events: make(chan supervisor.Event, 64), pidfd: -1}
	s.cmd = &exec.Cmd{
		Path: reexec.Self(), Args: []string{supervisorName, l.name},
		Dir: "/", Env: []string{}, Stdout: out, Stderr: out,
		ExtraFiles: []*os.File{controlR, eventW},
		SysProcAttr: &syscall.SysProcAttr{
			Setsid: true,
			Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
				unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
			PidFD: &s.pidfd,
		},
	}
	if err := s.cmd.Start(); err != nil {
		controlW.Close()
		eventR.Close()
		return nil, fmt.Errorf("start the cluster's first process in namespaces of its own: %w (this needs root with the right to make namespaces)", err)
	}
	go s.read(eventR)
	go func() { _ = s.cmd.Wait() }() // collect it while this process lives
	return s, nil
}

// read passes the supervisor's events on until it closes its end.
func (s *session) read(from *os.File) {
	defer close(s.events)
	defer from.Close()
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e supervisor.Event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			s.events <- e
		}
	}
}

// send gives the supervisor its spec.
func (s *session) send(spec *supervisor.Spec) error {
	line, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	if _, err := s.control.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("tell the cluster's first process what to start: %w", err)
	}
	return nil
}

// commit hands the cluster over: it now outlives this process.
func (s *session) commit() error {
	if _, err := s.control.WriteString(supervisor.Commit + "\n"); err != nil {
		return fmt.Errorf("hand over the cluster: %w", err)
	}
	return s.control.Close()
}

// startWatcher starts the watcher of a session in a session of its own, so
// that neither a terminal nor the end of this process takes it along.
func startWatcher(l layout, s *session) (procID, error) {
	if s.pidfd < 0 {
		return procID{}, errors.New("this kernel has no pidfd; Linux 5.4 or later is needed")
	}
	out, err := os.Create(l.log("watcher"))
	if err != nil {
		return procID{}, fmt.Errorf("open the watcher's log: %w", err)
	}
	defer out.Close()
	pidfd, err := unix.FcntlInt(uintptr(s.pidfd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return procID{}, fmt.Errorf("pass on the pidfd: %w", err)
	}
	file := os.NewFile(uintptr(pidfd), "pidfd")
	defer file.Close()
	cmd := &exec.Cmd{
		Path: reexec.Self(), Args: []string{watcherName, l.root, l.name},
		Dir: "/", Env: []string{"GOGC=20", "GOMAXPROCS=1"}, Stderr: out,
		ExtraFiles:  []*os.File{file},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		return procID{}, fmt.Errorf("start the watcher: %w", err)
	}
	id := identify(cmd.Process.Pid)
	go func() { _ = cmd.Wait() }()
	return id, nil
}
