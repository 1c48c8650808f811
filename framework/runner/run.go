package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/shards"
)

// Names of the files of a run in its output directory.
const (
	reportFile  = "report.yaml"
	pageFile    = "report.html"
	summaryFile = "summary.md"
	badgeFile   = "badge.svg"
	junitFile   = "junit.xml"
	logFile     = "suite.log"
	eventsFile  = "events.jsonl"
	configFile  = "suite.yaml"
	ginkgoFile  = "ginkgo.json"
	failedDir   = "failed"
)

// interruptGrace is how long interrupted specs may clean up, all together.
const interruptGrace = 2 * time.Minute

// Run is one run of the suite against a cluster that is up.
type Run struct {
	Selection
	// Config is what the specs need to know. OutputDir must be set; Events is
	// set by Do, and Run when it is empty.
	Config harness.Config
	// Processes is how many specs may run at the same time.
	Processes int
	// Retries is how often a spec that fails is tried again.
	Retries int
	// Deadline ends the run like an interrupt; 0 means none.
	Deadline time.Duration
	// Kill ends the run at once when it is closed, without cleanup.
	Kill <-chan struct{}
	// Started gets the process group of the run, so that it can be ended if
	// this process cannot do it any more; nil means that nobody asks.
	Started func(processGroup int)
	// Each gets every finished spec, one at a time; nil means that nobody
	// listens.
	Each func(harness.Finished)
}

// ErrInterrupted is returned beside the result when ctx ended or the deadline
// passed before all specs had run.
var ErrInterrupted = errors.New("the run was interrupted")

// Do runs the specs and returns what the suite says of them. Failed specs are
// no error. The output directory must exist; results of an earlier run in it
// are removed. When ctx ends, the specs are interrupted and clean up.
func (s *Suite) Do(ctx context.Context, run Run) (*report.Suite, error) {
	dir := run.Config.OutputDir
	if err := clearOutput(dir); err != nil {
		return nil, err
	}
	run.Config.Events = filepath.Join(dir, eventsFile)
	run.Config.Run = cmp.Or(run.Config.Run, runid.New())
	follower, err := newFollower(run.Config.Events)
	if err != nil {
		return nil, err
	}
	defer follower.close()
	cmd, log, err := s.command(run)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if run.Each == nil {
		run.Each = func(harness.Finished) {}
	}
	// The follower ends when the processes have, not when ctx does.
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		follower.follow(following, run.Each)
	}()
	err = execute(ctx, cmd, run)
	stop()
	<-done
	if err != nil && !errors.Is(err, ErrInterrupted) {
		return nil, err
	}
	suite, readErr := report.ReadSuite(filepath.Join(dir, ginkgoFile), dir)
	if readErr != nil && err != nil {
		return nil, fmt.Errorf("%w before the specs could report; what they printed is in %s", err, log.Name())
	}
	if readErr != nil {
		return nil, fmt.Errorf("the suite ended without a result (see %s): %w", log.Name(), readErr)
	}
	return suite, err
}

// command prepares Ginkgo's runner with everything going to the log.
func (s *Suite) command(run Run) (*exec.Cmd, *os.File, error) {
	dir := run.Config.OutputDir
	config, err := yaml.Marshal(run.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the suite's configuration: %w", err)
	}
	path := filepath.Join(dir, configFile)
	if err := os.WriteFile(path, config, 0o644); err != nil {
		return nil, nil, fmt.Errorf("write the suite's configuration: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, logFile))
	if err != nil {
		return nil, nil, fmt.Errorf("make the suite's log: %w", err)
	}
	args := []string{"run", "--no-color", "--silence-skips", "--procs=" + strconv.Itoa(run.Processes),
		"--output-dir=" + dir, "--json-report=" + ginkgoFile}
	if run.Retries > 0 {
		args = append(args, "--flake-attempts="+strconv.Itoa(run.Retries+1))
	}
	args = append(args, run.arguments("--")...)
	cmd := exec.Command(s.Ginkgo, append(args, s.Binary)...)
	cmd.Env = append(os.Environ(), harness.ConfigVariable+"="+path)
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own: Ctrl-C on the terminal reaches the specs once,
	// through this process, and all of them can be ended together.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, log, nil
}

// execute runs the prepared command to its end, passing on an interrupt.
func execute(ctx context.Context, cmd *exec.Cmd, run Run) error {
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the specs: %w", err)
	}
	group := cmd.Process.Pid
	if run.Started != nil {
		run.Started(group)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // failed specs make it fail; the result is in the report
		close(exited)
	}()
	// Nothing of the group may outlive the run, whatever ended it.
	defer func() { _ = syscall.Kill(-group, syscall.SIGKILL) }()
	var deadline <-chan time.Time
	if run.Deadline > 0 {
		timer := time.NewTimer(run.Deadline)
		defer timer.Stop()
		deadline = timer.C
	}
	select {
	case <-exited:
		return nil
	case <-run.Kill:
	case <-deadline:
		return interrupt(group, exited, run.Kill)
	case <-ctx.Done():
		return interrupt(group, exited, run.Kill)
	}
	return ErrInterrupted
}

// interrupt asks the specs to stop and waits for their cleanup.
func interrupt(group int, exited, kill <-chan struct{}) error {
	// Not SIGINT: a run in the background of a shell inherits that as ignored.
	_ = syscall.Kill(-group, syscall.SIGTERM)
	grace := time.NewTimer(interruptGrace)
	defer grace.Stop()
	select {
	case <-exited:
	case <-kill:
	case <-grace.C:
	}
	return ErrInterrupted
}

// clearOutput removes the results of an earlier run, and nothing else that
// might be in the folder.
func clearOutput(dir string) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("the output directory %q must be an absolute path", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the output directory: %w", err)
	}
	for _, name := range []string{reportFile, pageFile, summaryFile, badgeFile, junitFile, logFile, eventsFile, configFile, ginkgoFile, failedDir, yardsticksDir, clusterLogs, shards.Dir} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("remove the last run's %s: %w", name, err)
		}
	}
	return nil
}
