package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	toolProgram = "qemu-img"
	// toolMemory is the address space in bytes that a crafted image can make the
	// program take; a conversion needs some hundred MiB of it.
	toolMemory   = 2 << 30
	toolNiceness = 10
	// toolFarewell is how long the program's output is waited for once it was killed.
	toolFarewell = 5 * time.Second
	stderrBytes  = 2 << 10
)

// toolEnvironment is all that the program gets: none of the driver's variables
// is its business. The many arenas of the C library would count as address space.
var toolEnvironment = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "MALLOC_ARENA_MAX=2"}

// run runs the program to its end.
func (t Tool) run(ctx context.Context, stdout io.Writer, arguments ...string) error {
	said := &tail{}
	program := exec.CommandContext(ctx, cmp.Or(t.Path, toolProgram), arguments...)
	program.Env = toolEnvironment
	program.Stdout, program.Stderr = stdout, said
	// The program must not outlive the driver, also when that is killed.
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	program.Cancel = func() error { return unix.Kill(-program.Process.Pid, unix.SIGKILL) }
	program.WaitDelay = toolFarewell
	if err := program.Start(); err != nil {
		return startError(err, program.Path)
	}
	restrain(program.Process.Pid)
	err := program.Wait()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("%s failed (%w), the last it said: %s", program.Path, err, said)
}

func startError(err error, path string) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the program %s is missing: install the package qemu-utils, or run the driver from its own image, which has it: %w", path, err)
	}
	return fmt.Errorf("start %s: %w", path, err)
}

// restrain limits the program that was just started. It fails only when that
// has already ended, and then there is nothing to limit.
func restrain(pid int) {
	limit := unix.Rlimit{Cur: toolMemory, Max: toolMemory}
	_ = unix.Prlimit(pid, unix.RLIMIT_AS, &limit, nil)
	// The driver may be nicer than that itself, and root could take it back.
	if own, err := niceness(0); err == nil && own < toolNiceness {
		_ = unix.Setpriority(unix.PRIO_PROCESS, pid, toolNiceness)
	}
}

// niceness is that of a process, 0 for this one. The system call counts from 20 down.
func niceness(pid int) (int, error) {
	priority, err := unix.Getpriority(unix.PRIO_PROCESS, pid)
	return 20 - priority, err
}

// tail keeps the last bytes that were written to it.
type tail struct{ kept []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - stderrBytes; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is what was kept in one line: it is shown in conditions and events.
func (t *tail) String() string {
	return cmp.Or(strings.Join(strings.Fields(strings.ToValidUTF8(string(t.kept), "?")), " "), "nothing")
}

// head keeps the first bytes that were written to it, up to its limit.
type head struct {
	kept  []byte
	limit int
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.limit-len(h.kept))]...)
	return len(p), nil
}

// lineBytes is more than a line of qemu-img's progress has.
const lineBytes = 64

// meter reads the progress that qemu-img writes with -p, as "    (12.34/100%)\r".
type meter struct {
	far  percentage
	line []byte
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	for _, b := range p {
		switch {
		case b == '\r' || b == '\n':
			m.read(string(m.line))
			m.line = m.line[:0]
		case len(m.line) < lineBytes:
			m.line = append(m.line, b)
		}
	}
	return len(p), nil
}

func (m *meter) read(line string) {
	number, found := strings.CutSuffix(strings.TrimSpace(line), "/100%)")
	number, begins := strings.CutPrefix(number, "(")
	percent, err := strconv.ParseFloat(number, 64)
	if found && begins && err == nil && percent >= 0 && percent <= 100 {
		m.far.set(int(percent))
	}
}
