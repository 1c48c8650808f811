package engine

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// shares reports whether files in dir can share their blocks.
func shares(dir string) (bool, error) {
	source, err := os.CreateTemp(dir, tempPrefix+"probe-")
	if err != nil {
		return false, err
	}
	defer os.Remove(source.Name())
	defer source.Close()
	target, err := os.CreateTemp(dir, tempPrefix+"probe-")
	if err != nil {
		return false, err
	}
	defer os.Remove(target.Name())
	defer target.Close()
	if _, err := source.Write(make([]byte, blockBytes)); err != nil {
		return false, err
	}
	err = unix.IoctlFileClone(int(target.Fd()), int(source.Fd()))
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EXDEV) {
		return false, nil
	}
	return err == nil, err
}

// duplicate makes target a new file with the content of source. With reflink
// the kernel does it in one step against every write; a copy needs a source at rest.
func (e *Engine) duplicate(source, target string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(target, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer to.Close()
	if e.copies {
		return copySparse(from, to)
	}
	if err := unix.IoctlFileClone(int(to.Fd()), int(from.Fd())); err != nil {
		if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EXDEV) {
			err = errors.Join(ErrNoReflink, err)
		}
		return fmt.Errorf("share blocks of %s: %w", source, err)
	}
	return nil
}

// copySparse copies what is allocated and leaves holes.
func copySparse(from, to *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	if err := to.Truncate(info.Size()); err != nil {
		return err
	}
	for offset := int64(0); ; {
		start, err := unix.Seek(int(from.Fd()), offset, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil
		}
		if err != nil {
			return err
		}
		end, err := unix.Seek(int(from.Fd()), start, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.NewOffsetWriter(to, start), io.NewSectionReader(from, start, end-start)); err != nil {
			return err
		}
		offset = end
	}
}
