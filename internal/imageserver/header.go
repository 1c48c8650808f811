package imageserver

import "encoding/binary"

// Numbers of a header that mean something.
const (
	magic         = 0x514649fb // "QFI\xfb"
	clusterBits   = 16
	refcountOrder = 4 // 1<<4 bits
	headerLength  = 104

	// externalData is the incompatible feature of an image whose data are in another file.
	externalData = 1 << 2

	extensionEnd           = 0
	extensionBackingFormat = 0xe2792aca
	extensionDataFile      = 0x44415441
)

// header is that of a qcow2 file as it is in the file.
type header struct {
	Magic, Version        uint32
	BackingOffset         uint64
	BackingSize           uint32
	ClusterBits           uint32
	Size                  uint64
	Crypt                 uint32
	L1Entries             uint32
	L1Offset              uint64
	RefcountsOffset       uint64
	RefcountsClusters     uint32
	Snapshots             uint32
	SnapshotsOffset       uint64
	Incompatible          uint64
	Compatible, Autoclear uint64
	RefcountOrder, Length uint32
}

// newHeader is the header with its extensions and the name of the backing file.
func newHeader(i image, l layout) []byte {
	h := header{
		Magic: magic, Version: 3, ClusterBits: clusterBits, Size: uint64(i.content.size),
		L1Entries: uint32(l.l1Entries), L1Offset: uint64(l.l1.offset()),
		RefcountsOffset: uint64(l.refcounts.offset()), RefcountsClusters: uint32(l.refcounts.count),
		RefcountOrder: refcountOrder, Length: headerLength,
	}
	var extensions []byte
	if i.backing != "" {
		extensions = appendExtension(extensions, extensionBackingFormat, "raw")
	}
	if i.dataFile != "" {
		h.Incompatible = externalData
		extensions = appendExtension(extensions, extensionDataFile, i.dataFile)
	}
	extensions = appendExtension(extensions, extensionEnd, "")
	if i.backing != "" {
		h.BackingOffset, h.BackingSize = uint64(headerLength+len(extensions)), uint32(len(i.backing))
	}
	text, _ := binary.Append(nil, binary.BigEndian, h) // a struct of numbers always has a binary form
	return append(append(text, extensions...), i.backing...)
}

// appendExtension pads to 8 bytes, as the format wants.
func appendExtension(to []byte, kind uint32, text string) []byte {
	to = binary.BigEndian.AppendUint32(to, kind)
	to = binary.BigEndian.AppendUint32(to, uint32(len(text)))
	to = append(to, text...)
	return append(to, make([]byte, (8-len(text)%8)%8)...)
}
