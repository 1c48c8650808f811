//go:build linux

package supervisor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Supervisor is the running first process of a cluster.
type Supervisor struct {
	spec   *Spec
	env    []string
	reaper *reaper
	lost   chan error // a component that ended
	events *json.Encoder
	mu     sync.Mutex // guards events
}

// Main runs the cluster described on the control pipe until the process that
// started it goes away before handing over, a component ends, or a signal
// comes. Returns the exit code.
func Main() int {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	control, events := os.NewFile(ControlFD, "control"), os.NewFile(EventFD, "events")
	unix.CloseOnExec(ControlFD)
	unix.CloseOnExec(EventFD)
	lines := bufio.NewReader(control)
	spec, err := readSpec(lines)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			fmt.Fprintln(os.Stderr, err)
		}
		return 1
	}
	s := &Supervisor{
		spec: spec, reaper: newReaper(),
		lost:   make(chan error, 16),
		events: json.NewEncoder(events),
	}
	committed, abandoned := make(chan struct{}), make(chan struct{})
	go awaitCommit(lines, committed, abandoned)
	if err := s.run(committed, abandoned); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func readSpec(lines *bufio.Reader) (*Spec, error) {
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	spec := &Spec{}
	if err := json.Unmarshal(line, spec); err != nil {
		return nil, fmt.Errorf("read the cluster's description: %w", err)
	}
	return spec, nil
}

// awaitCommit closes committed when the hand-over arrives, abandoned when the
// pipe ends without one.
func awaitCommit(lines *bufio.Reader, committed, abandoned chan struct{}) {
	if line, err := lines.ReadString('\n'); err == nil && line == Commit+"\n" {
		close(committed)
		return
	}
	close(abandoned)
}

// run starts everything and then waits for a reason to end.
func (s *Supervisor) run(committed, abandoned <-chan struct{}) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM) // the root context of this process
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case err := <-s.lost:
			s.recordEnd(err)
			cancel(err)
		case <-abandoned:
			err := errors.New("the process that started the cluster ended before it was ready")
			s.recordEnd(err)
			cancel(err)
		case <-ctx.Done():
		}
	}()
	err := s.prepare()
	if err == nil {
		err = runSteps(ctx, s.steps(), s.report)
	}
	if err != nil {
		s.report(Event{Step: ReadyStep, State: Failed, Error: err.Error()})
		return err
	}
	s.report(Event{Step: ReadyStep, State: Done})
	<-ctx.Done()
	return context.Cause(ctx)
}

// prepare enters the cluster's own cgroup, mounts and host name.
func (s *Supervisor) prepare() error {
	if err := enterCgroups(s.spec.Cgroup); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(s.spec.NodeName)); err != nil {
		return fmt.Errorf("set the host name %s: %w", s.spec.NodeName, err)
	}
	if err := prepareMounts(s.spec); err != nil {
		return err
	}
	s.env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "LANG=C.UTF-8", "TMPDIR=/tmp",
		// Less garbage collection while everything starts at once.
		"GOGC=200",
	}
	return nil
}

// steps is the start of a cluster: what there is and what waits for what.
func (s *Supervisor) steps() []step {
	return []step{
		{name: StepNetwork, run: func(context.Context) error { return configureNetwork(s.spec) }},
		{name: StepPKI, run: s.makePKI},
		{name: StepEtcd, after: []string{StepNetwork}, run: s.startEtcd},
		{name: StepImages, run: s.importImages},
		{name: StepContainerd, after: []string{StepImages}, run: s.startContainerd},
		{name: StepAPIServer, after: []string{StepNetwork, StepPKI, StepEtcd}, run: s.startAPIServer},
		{name: StepControllerManager, after: []string{StepAPIServer}, run: s.startControllerManager},
		{name: StepScheduler, after: []string{StepAPIServer}, run: s.startScheduler},
		{name: StepKubelet, after: []string{StepAPIServer, StepContainerd}, run: s.startKubelet},
		{name: StepProxy, after: []string{StepAPIServer}, run: s.startProxy},
	}
}

// report sends an event. After the hand-over nobody reads them any more, and
// a failed write means just that.
func (s *Supervisor) report(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.events.Encode(e)
}

// EndFile is the name of the file in the state directory that says why a
// cluster ended by itself.
const EndFile = "end"

// recordEnd leaves the reason behind for status and the next up.
func (s *Supervisor) recordEnd(reason error) {
	if err := os.WriteFile(filepath.Join(stateMount, EndFile), []byte(reason.Error()+"\n"), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
