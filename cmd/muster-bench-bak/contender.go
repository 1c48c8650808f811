package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/muster-csi/muster/driver/backup"
)

// contender is one way to back up and restore. A place is a fresh name in the bucket.
type contender interface {
	name() string
	// begin prepares a place; it is not measured.
	begin(ctx context.Context, place string) error
	// backup stores a snapshot and returns how many bytes of it were read, 0 when nobody knows.
	backup(ctx context.Context, place, volume, snapshot string, size int64) (read int64, err error)
	// restore writes the snapshot into a new file.
	restore(ctx context.Context, place, volume, snapshot string, size int64) error
}

// request is what ours and the full scan have in common.
func (b *bench) request(op backup.Operation, place, volume, snapshot string, size int64) backup.Request {
	return backup.Request{
		Operation: op, Target: b.store.target(place), Volume: volume, Backup: "backup-" + snapshot, Concurrency: 2,
		Source: backup.Source{
			DataDir: b.engineDir, Snapshot: snapshot, SnapshotCreatedAt: "2026-01-02T03:04:05Z",
			SizeBytes: size, BlockBytes: block, Compression: "lz4",
		},
	}
}

// ours is the reference driver's node role: a worker process, changed extents only.
type ours struct{ *bench }

func (o ours) name() string                        { return "reference driver" }
func (o ours) begin(context.Context, string) error { return nil }

func (o ours) backup(ctx context.Context, place, volume, snapshot string, size int64) (int64, error) {
	result, err := backup.Runner{}.Run(ctx, o.request(backup.Create, place, volume, snapshot, size), o.store.credentials(), nil)
	return result.ReadBytes, err
}

func (o ours) restore(ctx context.Context, place, volume, snapshot string, size int64) error {
	name := "restored-" + place
	err := o.data.FillVolume(ctx, name, size, func(path string) error {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		request := o.request(backup.Restore, place, volume, snapshot, size)
		request.File = path
		_, err := backup.Runner{}.Run(ctx, request, o.store.credentials(), nil)
		return err
	})
	return errors.Join(err, o.data.DeleteVolume(ctx, name))
}

// scan is Longhorn's library as Longhorn drives it, without a map of what changed.
type scan struct{ *bench }

func (s scan) name() string                        { return "library, full scan" }
func (s scan) begin(context.Context, string) error { return nil }

func (s scan) run(ctx context.Context, request backup.Request) (int64, error) {
	input, err := json.Marshal(request)
	if err != nil {
		return 0, err
	}
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, program, fullScanCommand)
	cmd.Stdin = bytes.NewReader(input)
	for key, value := range s.store.credentials() {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("full scan: %w: %s", err, stderr.String())
	}
	var read int64
	_, err = fmt.Sscan(string(output), &read)
	return read, err
}

func (s scan) backup(ctx context.Context, place, volume, snapshot string, size int64) (int64, error) {
	return s.run(ctx, s.request(backup.Create, place, volume, snapshot, size))
}

func (s scan) restore(ctx context.Context, place, volume, snapshot string, size int64) error {
	request := s.request(backup.Restore, place, volume, snapshot, size)
	request.File = filepath.Join(s.dir, "restored-by-scan")
	_, err := s.run(ctx, request)
	return errors.Join(err, os.Remove(request.File))
}

// restic is restic, a program of its own.
type restic struct{ *bench }

func (r restic) name() string { return "restic" }

func (r restic) command(ctx context.Context, place string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.program, append([]string{"--no-cache", "--quiet", "-r", "s3:http://" + r.store.address + "/" + bucket + "/" + place}, args...)...)
	cmd.Env = append(os.Environ(), "RESTIC_PASSWORD=bench", "AWS_ACCESS_KEY_ID="+r.store.user, "AWS_SECRET_ACCESS_KEY="+r.store.secret, "AWS_DEFAULT_REGION="+region)
	return cmd
}

func run(cmd *exec.Cmd) error {
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, output)
	}
	return nil
}

func (r restic) begin(ctx context.Context, place string) error {
	return run(r.command(ctx, place, "init"))
}

func (r restic) backup(ctx context.Context, place, volume, snapshot string, size int64) (int64, error) {
	file, err := r.snapshotFile(volume, snapshot)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	cmd := r.command(ctx, place, "backup", "--stdin", "--stdin-filename", "volume")
	cmd.Stdin = file
	return size, run(cmd)
}

func (r restic) restore(ctx context.Context, place, _, _ string, _ int64) error {
	dir := filepath.Join(r.dir, "restored-by-restic")
	err := run(r.command(ctx, place, "restore", "latest", "--target", dir))
	return errors.Join(err, os.RemoveAll(dir))
}
