package image

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// sumBytes is how much is read or hashed at once.
const sumBytes = 1 << 20

// Sum returns the SHA-512 of a regular file's whole content in lower-case hex,
// which is what names an image's content in Longhorn. Holes are not read, they
// count as the zeros that they are. progress, if not nil, is told the
// percentage as it changes. The file must not change meanwhile.
func Sum(ctx context.Context, path string, progress func(percent int)) (string, error) {
	sum, err := sumOf(ctx, path, progress)
	if err != nil {
		return "", fmt.Errorf("compute the SHA-512 of %s: %w", path, err)
	}
	return sum, nil
}

func sumOf(ctx context.Context, path string, progress func(percent int)) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no regular file, so its size is not known")
	}
	s := &summer{file: file, size: info.Size(), hash: sha512.New(), far: percentage{tell: progress}}
	if err := s.walk(ctx); err != nil {
		return "", err
	}
	return hex.EncodeToString(s.hash.Sum(nil)), nil
}

// summer hashes one file from its begin to its end.
type summer struct {
	file *os.File
	size int64
	hash hash.Hash
	done int64
	far  percentage
}

// walk goes from hole to data to hole.
func (s *summer) walk(ctx context.Context) error {
	buffer, zeros := make([]byte, sumBytes), make([]byte, sumBytes)
	for s.done < s.size {
		data, err := s.next(unix.SEEK_DATA, s.done)
		if err != nil {
			return err
		}
		err = s.each(ctx, data, func(n int64) ([]byte, error) { return zeros[:n], nil })
		if err != nil {
			return err
		}
		hole, err := s.next(unix.SEEK_HOLE, s.done)
		if err != nil {
			return err
		}
		err = s.each(ctx, hole, func(n int64) ([]byte, error) {
			if _, err := s.file.ReadAt(buffer[:n], s.done); err != nil {
				return nil, shrunk(err)
			}
			return buffer[:n], nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func shrunk(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("it became smaller meanwhile: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// each hashes what piece returns until the end is reached.
func (s *summer) each(ctx context.Context, end int64, piece func(n int64) ([]byte, error)) error {
	for s.done < end {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		content, err := piece(min(sumBytes, end-s.done))
		if err != nil {
			return err
		}
		s.hash.Write(content) // cannot fail, says package hash
		s.done += int64(len(content))
		s.far.set(int(s.done * 100 / s.size))
	}
	return nil
}

// next returns where data or a hole begin, at offset or behind it.
func (s *summer) next(whence int, offset int64) (int64, error) {
	if offset >= s.size {
		return s.size, nil
	}
	found, err := s.file.Seek(offset, whence)
	if errors.Is(err, unix.ENXIO) { // nothing of that kind follows
		return s.size, nil
	}
	return min(found, s.size), err
}
