package runner

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process starts a shell in a group of its own, as the specs are.
func process(script string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func TestExecuteReturnsAfterFailedSpecs(t *testing.T) {
	if err := execute(t.Context(), process("exit 1"), Run{}); err != nil {
		t.Errorf("failed specs are an error: %v", err)
	}
}

func TestExecuteLetsInterruptedSpecsCleanUp(t *testing.T) {
	cleaned := filepath.Join(t.TempDir(), "cleaned")
	ready := filepath.Join(t.TempDir(), "ready")
	cmd := process("trap 'touch " + cleaned + "; exit 1' TERM; touch " + ready + "; while :; do sleep 0.05; done")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		awaitFile(t, ready)
		cancel()
	}()
	if err := execute(ctx, cmd, Run{}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("error is %v, want ErrInterrupted", err)
	}
	if _, err := os.Stat(cleaned); err != nil {
		t.Errorf("the specs did not clean up: %v", err)
	}
}

func TestExecuteKillsWhatIgnoresTheFirstInterrupt(t *testing.T) {
	kill, group := make(chan struct{}), 0
	ctx, cancel := context.WithCancel(t.Context())
	run := Run{Kill: kill, Started: func(g int) {
		group = g
		cancel()
		close(kill)
	}}
	// The sleeping child must end too: it is what a process of the suite would be.
	if err := execute(ctx, process("trap '' TERM; sleep 1000 & wait; sleep 1000"), run); !errors.Is(err, ErrInterrupted) {
		t.Errorf("error is %v, want ErrInterrupted", err)
	}
	awaitNoProcess(t, group)
}

func TestExecuteEndsAtItsDeadline(t *testing.T) {
	err := execute(t.Context(), process("sleep 1000"), Run{Deadline: 10 * time.Millisecond})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("error is %v, want ErrInterrupted", err)
	}
}

func TestClearOutputRemovesTheLastRunAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"report.yaml", "failed/x/y", "notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := clearOutput(dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "notes.txt" {
		t.Errorf("left is %v (%v), want notes.txt alone", left, err)
	}
	if err := clearOutput("_output"); err == nil || !strings.Contains(err.Error(), "absolute") {
		t.Errorf("a relative folder gives %v, want an error", err)
	}
}

// awaitFile returns when the file is there.
func awaitFile(t *testing.T, path string) {
	t.Helper()
	await(t, path+" to appear", func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

// awaitNoProcess returns when the process group has no member any more.
func awaitNoProcess(t *testing.T, group int) {
	t.Helper()
	await(t, "the process group to end", func() bool {
		return errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
	})
}

// await looks every few milliseconds until the condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(5*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Errorf("waited 30 s for %s", what)
			return
		}
	}
}
