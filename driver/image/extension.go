package image

import (
	"bufio"
	"encoding/binary"
	"io"
)

// Header extensions that make an image one that is refused.
const (
	extensionEnd           = 0
	extensionBackingFormat = 0xE2792ACA
	extensionDataFile      = 0x44415441
	extensionEncryption    = 0x0537BE77
)

// checkExtensions walks over what lies between the header and the end of the
// first cluster. Extensions that are not known may be ignored, says the format.
func (h *header) checkExtensions(file io.ReaderAt) error {
	left := int64(h.clusterBytes()) - int64(h.HeaderBytes)
	reader := bufio.NewReader(io.NewSectionReader(file, int64(h.HeaderBytes), left))
	for left >= 8 {
		var begin [8]byte
		if _, err := io.ReadFull(reader, begin[:]); err != nil {
			return readError(err)
		}
		left -= int64(len(begin))
		kind, length := binary.BigEndian.Uint32(begin[:4]), int64(binary.BigEndian.Uint32(begin[4:]))
		if kind == extensionEnd {
			return nil
		}
		if err := checkExtension(kind); err != nil {
			return err
		}
		padded := (length + 7) / 8 * 8
		if padded > left {
			return refuse("the qcow2 image has a header extension that does not fit into its first cluster: make it anew with qemu-img convert")
		}
		if _, err := reader.Discard(int(padded)); err != nil {
			return readError(err)
		}
		left -= padded
	}
	return nil
}

func checkExtension(kind uint32) error {
	switch kind {
	case extensionBackingFormat:
		return refusedBackingFile()
	case extensionDataFile:
		return refusedDataFile()
	case extensionEncryption:
		return refusedEncryption()
	}
	return nil
}
