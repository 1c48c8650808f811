package image

import (
	"errors"
	"fmt"
	"io"
)

// Format is how an image file keeps the content of a disk.
type Format string

const (
	// Raw is a file that is the disk, byte for byte.
	Raw Format = "raw"
	// QCOW2 is the format of QEMU's docs/interop/qcow2, version 2 or 3.
	QCOW2 Format = "qcow2"
)

const (
	// sectorBytes is what sizes are multiples of: Longhorn reads images with
	// direct I/O, and a disk has whole sectors.
	sectorBytes = 512
	magic       = "QFI\xfb"
)

// Shape is what a file that Check accepted is.
type Shape struct {
	Format Format
	// VirtualBytes is the size of the disk, a positive multiple of 512.
	VirtualBytes int64
}

// Check decides whether a file of size bytes may be used as an image: one that
// begins with the magic of qcow2 is qcow2, any other is raw. It reads nothing
// but the header, in little memory, whatever that says. A file that may not be
// used is Refused; any other error is one of reading.
func Check(file io.ReaderAt, size int64) (Shape, error) {
	is, err := hasMagic(file, size)
	if err != nil {
		return Shape{}, err
	}
	if is {
		return checkQCOW2(file, size)
	}
	return checkRaw(size)
}

// CheckAs is Check for a file whose format is known. A raw file is what somebody
// has written into a volume: its content must not decide what it is taken for.
func CheckAs(file io.ReaderAt, size int64, format Format) (Shape, error) {
	switch format {
	case Raw:
		return checkRaw(size)
	case QCOW2:
		is, err := hasMagic(file, size)
		if err != nil {
			return Shape{}, err
		}
		if !is {
			return Shape{}, refuse("the image does not begin as a qcow2 image does: name its real format, or make it with qemu-img convert -O qcow2")
		}
		return checkQCOW2(file, size)
	}
	return Shape{}, refuse("image format %q is not known: use raw or qcow2", format)
}

func checkRaw(size int64) (Shape, error) {
	switch {
	case size <= 0:
		return Shape{}, refuse("the image is empty: look at what its source delivers")
	case size%sectorBytes != 0:
		return Shape{}, refuse("the raw image has %d bytes, which is no multiple of %d: pad it with zeros, or unpack it if it is compressed", size, sectorBytes)
	}
	return Shape{Format: Raw, VirtualBytes: size}, nil
}

func hasMagic(file io.ReaderAt, size int64) (bool, error) {
	if size < int64(len(magic)) {
		return false, nil
	}
	first := make([]byte, len(magic))
	if err := readAt(file, first, 0); err != nil {
		return false, err
	}
	return string(first) == magic, nil
}

// readAt fills the buffer. A file that ends before that is Refused.
func readAt(file io.ReaderAt, buffer []byte, offset int64) error {
	n, err := file.ReadAt(buffer, offset)
	if n == len(buffer) {
		return nil
	}
	return readError(err)
}

func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return truncated()
	}
	return fmt.Errorf("read the header of the image: %w", err)
}

func truncated() error {
	return refuse("the image ends within what its header describes: it was cut off on the way, fetch or make it again")
}
