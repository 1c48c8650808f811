package shards

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// fetches is how often a result is fetched before it is given up: streams through an API
// server are cut by whatever lies on the way.
const fetches = 3

// fetch brings the result of a shard into the output directory, lets the pod end and
// returns the shard's folder.
func (l *Launch) fetch(ctx context.Context, pod, shard string, result Result) (string, error) {
	file, err := os.CreateTemp("", "muster-shard-*.tar.gz")
	if err != nil {
		return "", fmt.Errorf("make a file for the result of shard %s: %w", shard, err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	for try := 1; ; try++ {
		err = l.copy(ctx, pod, file, result)
		if err == nil {
			break
		}
		if try == fetches || ctx.Err() != nil {
			return "", fmt.Errorf("its result could not be fetched from pod %s: %w; look at the way to the API server, which carries commands in pods, and run again", pod, err)
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read the result of shard %s: %w", shard, err)
	}
	if err := Unpack(file, l.Output, shard); err != nil {
		return "", err
	}
	// A pod that is not told ends by itself after a while, and with its namespace at once.
	_, _ = l.Client.Exec(ctx, l.Namespace, pod, container, program, "release")
	return filepath.Join(l.Output, Dir, shard), nil
}

// copy writes the result to the file, in place of what is there, and compares it with
// what the pod has said of it.
func (l *Launch) copy(ctx context.Context, pod string, file *os.File, want Result) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	hash := sha256.New()
	if err := l.Client.ExecTo(ctx, io.MultiWriter(file, hash), l.Namespace, pod, container, program, "result"); err != nil {
		return err
	}
	return want.check(file, hex.EncodeToString(hash.Sum(nil)))
}

// check compares a fetched file with what was said of it.
func (r Result) check(file *os.File, sum string) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() != r.Bytes:
		return fmt.Errorf("%d of %d bytes arrived", info.Size(), r.Bytes)
	case sum != r.SHA256:
		return errors.New("what arrived has another checksum")
	}
	return nil
}
