package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/muster-csi/muster/driver/backup"
)

// contender is one way to back up and restore. A place is a name in the bucket.
type contender interface {
	name() string
	// begin prepares a fresh place; it is not measured.
	begin(ctx context.Context, place string) error
	// backup stores a snapshot and returns how many bytes of it were read.
	backup(ctx context.Context, place string, s subject) (read int64, err error)
	// restore writes the last backup of the place into the empty file at path.
	restore(ctx context.Context, place string, s subject, path string) error
}

// Names of the contenders, which are the columns of the table.
const (
	oursName   = "reference driver"
	scanName   = "library, full scan"
	resticName = "restic"
)

// request is what ours and the full scan have in common.
func (b *bench) request(op backup.Operation, place string, s subject) backup.Request {
	return backup.Request{
		Operation: op, Target: b.store.target(place), Volume: s.volume, Backup: "backup-" + s.snapshot, Concurrency: 2,
		Source: backup.Source{
			DataDir: b.engineDir, Snapshot: s.snapshot, SnapshotCreatedAt: "2026-01-02T03:04:05Z",
			SizeBytes: s.size, BlockBytes: block, Compression: "lz4",
		},
	}
}

// ours is the reference driver's node role: a worker process, changed extents only.
type ours struct{ *bench }

func (ours) name() string                        { return oursName }
func (ours) begin(context.Context, string) error { return nil }

func (o ours) backup(ctx context.Context, place string, s subject) (int64, error) {
	result, err := backup.Runner{}.Run(ctx, o.request(backup.Create, place, s), o.store.credentials(), nil)
	return result.ReadBytes, err
}

func (o ours) restore(ctx context.Context, place string, s subject, path string) error {
	request := o.request(backup.Restore, place, s)
	request.File = path
	_, err := backup.Runner{}.Run(ctx, request, o.store.credentials(), nil)
	return err
}

// scan is Longhorn's library as Longhorn drives it, without a map of what changed.
type scan struct{ *bench }

func (scan) name() string                        { return scanName }
func (scan) begin(context.Context, string) error { return nil }

// run carries out the request in a process of its own, as the driver does.
func (s scan) run(ctx context.Context, request backup.Request) (read int64, err error) {
	input, err := json.Marshal(request)
	if err != nil {
		return 0, err
	}
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := child(ctx, s.store.environment(), program, fullScanCommand)
	cmd.Stdin = bytes.NewReader(input)
	output, err := outputOf(ctx, cmd)
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(output, &read)
	return read, err
}

func (s scan) backup(ctx context.Context, place string, of subject) (int64, error) {
	return s.run(ctx, s.request(backup.Create, place, of))
}

func (s scan) restore(ctx context.Context, place string, of subject, path string) error {
	request := s.request(backup.Restore, place, of)
	request.File = path
	_, err := s.run(ctx, request)
	return err
}

// child is a program that does not outlive this one and gets only what it needs
// of its environment.
func child(ctx context.Context, environment []string, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// outputOf runs a child and returns what it printed. An error has its last words.
func outputOf(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var said strings.Builder
	cmd.Stderr = &said
	output, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("%s %s: %w: %s", cmd.Path, cmd.Args[1], err, strings.TrimSpace(said.String()))
	}
	return string(output), nil
}
