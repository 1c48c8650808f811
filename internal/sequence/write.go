package sequence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/internal/pattern"
)

// Write puts records 1, 2, 3, … into the file or block device path until ctx
// ends or the space does. For each it prints to out the line "begin N T" before
// writing and "ack N T" after fsync returned, T being the time in nanoseconds
// since 1970. It returns nil when ctx ended, and refuses a path that already
// holds a sequence, because old records could pass as new ones.
func Write(ctx context.Context, path string, out io.Writer) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("cannot open %s for writing: %w", path, err)
	}
	defer f.Close()
	if err := refuseUsed(f); err != nil {
		return err
	}
	if err := pattern.SyncParent(path); err != nil {
		return err
	}
	record := make([]byte, RecordSize)
	for number := uint64(1); ctx.Err() == nil; number++ {
		if err := writeOne(f, record, number, out); err != nil {
			return err
		}
	}
	return nil
}

func refuseUsed(f *os.File) error {
	record := make([]byte, RecordSize)
	if _, err := f.ReadAt(record, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot read the beginning of %s: %w", f.Name(), err)
	}
	if number, ok := decode(record); ok {
		return fmt.Errorf("%s already holds a sequence (record %d at its beginning): choose another path or a new volume", f.Name(), number)
	}
	return nil
}

func writeOne(f *os.File, record []byte, number uint64, out io.Writer) error {
	encode(record, number)
	if _, err := fmt.Fprintf(out, "begin %d %d\n", number, time.Now().UnixNano()); err != nil {
		return fmt.Errorf("cannot announce record %d: %w", number, err)
	}
	if _, err := f.WriteAt(record, int64(number-1)*RecordSize); err != nil {
		if errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("%s is full after %d records: use a larger volume", f.Name(), number-1)
		}
		return fmt.Errorf("cannot write record %d to %s: %w", number, f.Name(), err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("cannot make record %d of %s durable: %w", number, f.Name(), err)
	}
	if _, err := fmt.Fprintf(out, "ack %d %d\n", number, time.Now().UnixNano()); err != nil {
		return fmt.Errorf("cannot acknowledge record %d: %w", number, err)
	}
	return nil
}
