package sequence

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Found is what Read saw in a file or block device.
type Found struct {
	// Contiguous is the highest N such that records 1 to N are all whole; 0 when
	// record 1 is missing.
	Contiguous uint64 `json:"contiguous"`
	// Highest is the highest whole record anywhere; 0 when there is none. It
	// exceeds Contiguous when records are missing in between.
	Highest uint64 `json:"highest"`
	// Misplaced counts whole records that lie where another belongs.
	Misplaced uint64 `json:"misplaced"`
}

// Read scans path from beginning to end. A missing file is an error.
func Read(path string) (Found, error) {
	var found Found
	f, err := os.Open(path)
	if err != nil {
		return found, fmt.Errorf("cannot open %s for reading: %w", path, err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 256*RecordSize)
	record := make([]byte, RecordSize)
	for place := uint64(1); ; place++ {
		if _, err := io.ReadFull(in, record); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return found, nil
		} else if err != nil {
			return found, fmt.Errorf("cannot read record %d of %s: %w", place, path, err)
		}
		found.note(place, record)
	}
}

func (f *Found) note(place uint64, record []byte) {
	number, ok := decode(record)
	switch {
	case !ok:
		return
	case number != place:
		f.Misplaced++
		return
	case f.Contiguous == place-1:
		f.Contiguous = place
	}
	f.Highest = place
}
