package components

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	// tailLines is how much of a failed build's log an error quotes.
	tailLines = 20
	// stopGrace is how long an interrupted command may tidy up before it is killed.
	stopGrace = 10 * time.Second
)

// BuildError says which component could not be built and quotes the last lines
// of its log.
type BuildError struct {
	Name string // component
	Log  string // path of the whole log
	Tail string // last lines of the log
	Err  error  // what ended the build
}

// Error returns one sentence followed by the indented end of the log.
func (e *BuildError) Error() string {
	text := fmt.Sprintf("building %s failed (%v); the whole log is %s", e.Name, e.Err, e.Log)
	if e.Tail == "" {
		return text
	}
	return text + ", its end:\n    " + strings.ReplaceAll(e.Tail, "\n", "\n    ")
}

// Unwrap returns what ended the build.
func (e *BuildError) Unwrap() error { return e.Err }

// command is one program to run for a build.
type command struct {
	dir  string   // working directory
	env  []string // complete environment
	argv []string
}

// run runs the command with its output in log. The command leads a process
// group of its own, which is interrupted when ctx ends and is empty when run
// returns.
func (c command) run(ctx context.Context, log io.Writer) error {
	fmt.Fprintf(log, "$ %s\n", strings.Join(c.argv, " "))
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, log, log
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = stopGrace

	// Pdeathsig fires when the thread that started the child ends, so that
	// thread must stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	// Children that ignored the interrupt go with their group; none left is fine.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return err
}

// output runs the command and returns its standard output; an error quotes
// what it wrote to standard error.
func (c command) output(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(c.argv, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// tail returns the last n lines of the file at path without its final line
// break, and nothing when it cannot be read.
func tail(path string, n int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
