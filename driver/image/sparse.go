package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// holeUnit is the size in bytes of the smallest hole that is dug, a block of the pool.
const holeUnit = 4096

// Dig turns blocks of zeros into holes, so that a file that came whole takes no
// more room than its data. A file system without holes is left as it is.
func Dig(ctx context.Context, path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	buffer := make([]byte, 1<<20)
	for offset := int64(0); ; offset += int64(len(buffer)) {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		n, err := file.ReadAt(buffer, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("look for zeros in %s: %w", path, err)
		}
		if digErr := digWithin(file, buffer[:n], offset); digErr != nil || err != nil {
			return digErr
		}
	}
}

// digWithin digs the whole blocks of zeros in content, which is at that offset.
func digWithin(file *os.File, content []byte, offset int64) error {
	for begin := 0; begin+holeUnit <= len(content); {
		end := begin
		for end+holeUnit <= len(content) && zero(content[end:end+holeUnit]) {
			end += holeUnit
		}
		if end == begin {
			begin += holeUnit
			continue
		}
		err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, offset+int64(begin), int64(end-begin))
		if errors.Is(err, unix.EOPNOTSUPP) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("dig a hole into %s: %w", file.Name(), err)
		}
		begin = end
	}
	return nil
}

func zero(block []byte) bool {
	for _, b := range block {
		if b != 0 {
			return false
		}
	}
	return true
}
