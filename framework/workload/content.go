package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/muster-csi/muster/internal/s3"
	"github.com/muster-csi/muster/internal/sequence"
)

// Content is seeded pseudo-random data in a pod's volume.
type Content struct {
	// File is a name below the mount point, "content" when empty; not used on a block device.
	File string
	// Seed selects the data. Two seeds differ everywhere.
	Seed int64
	// MiB is the length, OffsetMiB where it begins. Sum reads to the end when MiB is 0.
	MiB, OffsetMiB int64
}

// Write puts the content into the volume, makes it durable and returns its SHA-256 in hex.
func (p *Pod) Write(ctx context.Context, content Content) (string, error) {
	return p.line(ctx, "write", p.args(content, true)...)
}

// Zero overwrites that part of the volume with zeros and makes it durable; the seed is not used.
func (p *Pod) Zero(ctx context.Context, content Content) error {
	_, err := p.line(ctx, "zero", p.args(content, false)...)
	return err
}

// Sum returns the SHA-256, in hex, of what the volume holds there; the seed is not used.
func (p *Pod) Sum(ctx context.Context, content Content) (string, error) {
	return p.line(ctx, "sum", p.args(content, false)...)
}

// Records tells which records of a sequence the volume holds, see SequencePath.
func (p *Pod) Records(ctx context.Context) (sequence.Found, error) {
	var found sequence.Found
	err := p.json(ctx, &found, "sequence-read", "--path", p.path(sequenceFile))
	return found, err
}

// Resolve returns the addresses that the pod's resolver knows for the name.
func (p *Pod) Resolve(ctx context.Context, name string) ([]string, error) {
	line, err := p.line(ctx, "resolve", name)
	return strings.Fields(line), err
}

// PutGet stores an object in the bucket from inside the pod, reads it back,
// compares and removes it. The pod's SecretEnv must have the store's keys.
func (p *Pod) PutGet(ctx context.Context, bucket string) (s3.RoundTrip, error) {
	var result s3.RoundTrip
	err := p.json(ctx, &result, "s3", "put-get", "--bucket", bucket)
	return result, err
}

// Exec runs muster-workload with the arguments in the pod and returns its output.
func (p *Pod) Exec(ctx context.Context, args ...string) ([]byte, error) {
	return p.client.Exec(ctx, p.Namespace, p.Name, container, append([]string{program}, args...)...)
}

func (p *Pod) line(ctx context.Context, command string, args ...string) (string, error) {
	out, err := p.Exec(ctx, append([]string{command}, args...)...)
	return strings.TrimSpace(string(out)), err
}

func (p *Pod) json(ctx context.Context, result any, args ...string) error {
	out, err := p.Exec(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, result); err != nil {
		return fmt.Errorf("pod %s answered %q to %s: %w", p.Name, out, args[0], err)
	}
	return nil
}

func (p *Pod) args(content Content, seeded bool) []string {
	file := content.File
	if file == "" {
		file = "content"
	}
	args := []string{"--path", p.path(file), "--mib", strconv.FormatInt(content.MiB, 10), "--offset-mib", strconv.FormatInt(content.OffsetMiB, 10)}
	if seeded {
		args = append(args, "--seed", strconv.FormatInt(content.Seed, 10))
	}
	return args
}

// path is where a file of the volume is inside the pod; a block device is one file.
func (p *Pod) path(file string) string {
	if p.block {
		return blockPath
	}
	return path.Join(mountPath, file)
}
