package audit

import "fmt"

// mapFault is what is wrong with a backup's list of blocks.
type mapFault struct {
	// text says the first thing and how many there are.
	text string
	// lost says that the list does not tell what the volume held. A list that is
	// only out of order does, but the next incremental backup builds on the order.
	lost bool
}

// checkMap returns what is wrong with a list of blocks, nil when nothing is.
// volumeSize 0 means that it is not known.
func checkMap(blocks []Mapping, blockSize, volumeSize int64) *mapFault {
	var fault mapFault
	wrong, last := 0, int64(-1)
	at := make(map[int64]string, len(blocks))
	note := func(lost bool, format string, args ...any) {
		if wrong++; wrong == 1 {
			fault.text = fmt.Sprintf(format, args...)
		}
		fault.lost = fault.lost || lost
	}
	for _, block := range blocks {
		other, twice := at[block.Offset]
		switch {
		case !validSum.MatchString(block.Checksum):
			note(true, "at offset %d it names a block %q, which is no checksum of 64 hex digits", block.Offset, block.Checksum)
		case block.Offset < 0 || block.Offset%blockSize != 0:
			note(true, "its offset %d is no multiple of the block size %d", block.Offset, blockSize)
		case volumeSize > 0 && block.Offset+blockSize > volumeSize:
			note(true, "its block at offset %d ends beyond the size of the volume, %d bytes", block.Offset, volumeSize)
		case twice:
			note(other != block.Checksum, "it lists offset %d twice", block.Offset)
		case block.Offset < last:
			note(false, "its offset %d follows offset %d", block.Offset, last)
		}
		at[block.Offset] = block.Checksum
		last = max(last, block.Offset)
	}
	if wrong == 0 {
		return nil
	}
	if wrong > 1 {
		fault.text += fmt.Sprintf("; %d of %d entries are wrong", wrong, len(blocks))
	}
	return &fault
}
