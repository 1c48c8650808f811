package pattern

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Range names a part of a file or block device, in bytes. A Length of 0 in Sum
// means everything from Offset to the end.
type Range struct {
	Offset, Length int64
}

// Write puts the pattern of seed at r into path (created when it is missing,
// never truncated), makes it durable and returns the SHA-256 of the bytes
// written, in hex. Writing the same again changes nothing.
func Write(ctx context.Context, path string, seed int64, r Range) (string, error) {
	return write(ctx, path, r, func(p []byte, offset int64) { Fill(p, seed, offset) })
}

// Zero puts zeros at r into path (created when it is missing, never truncated)
// and makes them durable. They are written, not deallocated.
func Zero(ctx context.Context, path string, r Range) error {
	_, err := write(ctx, path, r, func(p []byte, _ int64) { clear(p) })
	return err
}

// write makes durable what fill makes of each piece.
func write(ctx context.Context, path string, r Range, fill func(p []byte, offset int64)) (string, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return "", fmt.Errorf("cannot open %s for writing: %w", path, err)
	}
	defer f.Close()
	sum, err := writeTo(ctx, f, r, fill)
	if err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", fmt.Errorf("cannot make %s durable: %w", path, err)
	}
	if err := SyncParent(path); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("cannot close %s: %w", path, err)
	}
	return sum, nil
}

func writeTo(ctx context.Context, f *os.File, r Range, fill func(p []byte, offset int64)) (string, error) {
	hash := sha256.New()
	buf := make([]byte, MiB)
	for done := int64(0); done < r.Length; done += MiB {
		if err := ctx.Err(); err != nil {
			return "", fmt.Errorf("stopped after writing %d of %d MiB to %s: %w", done/MiB, r.Length/MiB, f.Name(), err)
		}
		fill(buf, r.Offset+done)
		if _, err := f.WriteAt(buf, r.Offset+done); err != nil {
			return "", fmt.Errorf("cannot write at byte %d of %s: %w", r.Offset+done, f.Name(), err)
		}
		hash.Write(buf)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Sum returns the SHA-256, in hex, of r in path. Content shorter than r is an
// error that tells its size.
func Sum(ctx context.Context, path string, r Range) (string, error) {
	f, size, err := openForReading(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if r, err = r.within(path, size); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, contextReader{ctx, io.NewSectionReader(f, r.Offset, r.Length)}, make([]byte, MiB)); err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Mismatch is the error of Verify when the content differs; Offset is that of
// the first differing byte.
type Mismatch struct {
	Path      string
	Offset    int64
	Want, Got byte
}

// Error says where the content differs first.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("content of %s differs first at byte %d: expected 0x%02x, found 0x%02x", m.Path, m.Offset, m.Want, m.Got)
}

// Verify compares r in path with the pattern of seed. It returns a *Mismatch
// when a byte differs and another error when the content cannot be read.
func Verify(ctx context.Context, path string, seed int64, r Range) error {
	f, size, err := openForReading(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if r, err = r.within(path, size); err != nil {
		return err
	}
	want, got := make([]byte, MiB), make([]byte, MiB)
	for offset := r.Offset; offset < r.Offset+r.Length; offset += MiB {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped verifying %s at byte %d: %w", path, offset, err)
		}
		if _, err := f.ReadAt(got, offset); err != nil {
			return fmt.Errorf("cannot read at byte %d of %s: %w", offset, path, err)
		}
		Fill(want, seed, offset)
		if !bytes.Equal(want, got) {
			return firstMismatch(path, offset, want, got)
		}
	}
	return nil
}

func firstMismatch(path string, offset int64, want, got []byte) error {
	for i := range want {
		if want[i] != got[i] {
			return &Mismatch{Path: path, Offset: offset + int64(i), Want: want[i], Got: got[i]}
		}
	}
	return nil
}

func (r Range) within(path string, size int64) (Range, error) {
	if r.Length == 0 {
		r.Length = max(0, size-r.Offset)
	}
	if r.Offset+r.Length > size {
		return r, fmt.Errorf("%s holds %d bytes, %d were expected: it was cut short or never written in full", path, size, r.Offset+r.Length)
	}
	return r, nil
}

// openForReading opens path, drops what the page cache holds of it, so that the
// storage is what is read, and returns its size in bytes. Block devices report
// no size in their metadata, therefore the size comes from seeking to the end.
func openForReading(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot open %s for reading: %w", path, err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("cannot tell the size of %s: %w", path, err), f.Close())
	}
	dropCached(f)
	return f, size, nil
}

// SyncParent makes the directory entry of path durable.
func SyncParent(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("cannot open the directory of %s: %w", path, err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: a directory of devices, nothing to make durable
		return fmt.Errorf("cannot make the directory entry of %s durable: %w", path, err)
	}
	return nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
