package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/muster-csi/muster/framework/components"
)

// BackupBenchOptions say what BenchBackups does.
type BackupBenchOptions struct {
	// Runs is how often everything is measured.
	Runs int
	// MiB is how much data are backed up and restored, IncrementalMiB how much of
	// which one per cent changes, MemoryMiB how much while memory is measured.
	MiB, IncrementalMiB, MemoryMiB int64
	// Out is where a person reads along.
	Out *os.File
}

const (
	// backupBench is the program that measures; it drives the engine and needs root.
	backupBench = "./cmd/muster-bench-bak"
	// benchGrace is how long it may take to detach and unmount after an interrupt.
	benchGrace = 30 * time.Second
)

// BenchBackups measures backups and restores against Longhorn's library with a
// full scan and against restic, and prints a table. Nothing is left afterwards.
func BenchBackups(ctx context.Context, opts BackupBenchOptions) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("measuring backups needs root, for loop devices and the pool: run it with sudo")
	}
	root, err := components.FindRoot()
	if err != nil {
		return err
	}
	set, err := components.Ensure(ctx, components.Options{Root: root, Only: []string{"minio", "restic"}, Progress: opts.Out})
	if err != nil {
		return err
	}
	program := filepath.Join(root, "_output", "bench-bak", "muster-bench-bak")
	if err := runGo(ctx, root, "build", "-buildvcs=false", "-o", program, backupBench); err != nil {
		return err
	}
	data, err := os.MkdirTemp(filepath.Dir(program), "data-")
	if err != nil {
		return fmt.Errorf("make a folder for the data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	cmd := exec.CommandContext(ctx, program,
		"--minio", set.Binary("minio"), "--restic", set.Binary("restic"), "--dir", data, "--runs", strconv.Itoa(opts.Runs),
		"--size", strconv.FormatInt(opts.MiB, 10), "--incremental-size", strconv.FormatInt(opts.IncrementalMiB, 10),
		"--memory-size", strconv.FormatInt(opts.MemoryMiB, 10))
	cmd.Stdout, cmd.Stderr = opts.Out, os.Stderr
	// A group of its own: an interrupt of the terminal reaches it once, through this process.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = benchGrace
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("measure backups: %w", err)
	}
	return nil
}
