package image

import (
	"encoding/binary"
	"io"
)

const (
	minClusterBits = 9
	maxClusterBits = 21
	// minSubclusterBits is the smallest cluster that QEMU divides further.
	minSubclusterBits = 14
	maxVirtualBytes   = 64 << 40
	maxRefcountOrder  = 6
	// maxL1Bytes and maxSnapshots are limits of QEMU itself.
	maxL1Bytes   = 32 << 20
	maxSnapshots = 1 << 16

	header2Bytes    = 72  // of version 2
	header3MinBytes = 104 // of version 3, without the compression type
	header3Bytes    = 112 // of version 3, as far as it is known here
)

// Incompatible features: who does not know one must not read the image.
const (
	featureDirty       = 1 << 0 // refcounts may be wrong; readers do not need them
	featureCorrupt     = 1 << 1
	featureDataFile    = 1 << 2
	featureCompression = 1 << 3
	featureSubclusters = 1 << 4 // extended L2 entries
	featuresKnown      = featureDirty | featureCorrupt | featureDataFile | featureCompression | featureSubclusters
)

// header begins a qcow2 file; all numbers are big-endian.
type header struct {
	Magic            [4]byte
	Version          uint32
	BackingOffset    uint64
	BackingBytes     uint32
	ClusterBits      uint32
	VirtualBytes     uint64
	Encryption       uint32
	L1Entries        uint32
	L1Offset         uint64
	RefcountOffset   uint64
	RefcountClusters uint32
	Snapshots        uint32
	SnapshotsOffset  uint64
	// What follows is there from version 3 on.
	Incompatible  uint64
	Compatible    uint64
	Autoclear     uint64
	RefcountOrder uint32
	HeaderBytes   uint32
	// Compression is there when HeaderBytes says so: 0 for zlib, 1 for zstd.
	Compression uint8
	_           [7]byte
}

func (h *header) clusterBytes() uint64    { return 1 << h.ClusterBits }
func (h *header) has(feature uint64) bool { return h.Incompatible&feature != 0 }
func (h *header) l1Bytes() uint64         { return uint64(h.L1Entries) * 8 }

// checkQCOW2 is Check for a file that has the magic.
func checkQCOW2(file io.ReaderAt, size int64) (Shape, error) {
	h, err := readHeader(file, size)
	if err != nil {
		return Shape{}, err
	}
	// The order matters: what comes later computes with what was checked before.
	for _, check := range []func() error{
		h.checkReferences,
		h.checkFeatures,
		h.checkGeometry,
		h.checkCompression,
		func() error { return h.checkL1(uint64(size)) },
		func() error { return h.checkExtensions(file) },
	} {
		if err := check(); err != nil {
			return Shape{}, err
		}
	}
	return Shape{Format: QCOW2, VirtualBytes: int64(h.VirtualBytes)}, nil
}

// readHeader reads what there is of a header and gives version 2 the values that it implies.
func readHeader(file io.ReaderAt, size int64) (*header, error) {
	var content [header3Bytes]byte
	if err := readAt(file, content[:min(size, header3Bytes)], 0); err != nil {
		return nil, err
	}
	h := &header{}
	if _, err := binary.Decode(content[:], binary.BigEndian, h); err != nil {
		return nil, err
	}
	switch {
	case size < header2Bytes, h.Version == 3 && size < header3MinBytes:
		return nil, truncated()
	case h.Version == 2:
		h.Incompatible, h.Compatible, h.Autoclear, h.Compression = 0, 0, 0, 0
		h.RefcountOrder, h.HeaderBytes = 4, header2Bytes
	case h.Version != 3:
		return nil, refuse("the qcow2 image has version %d of the format: make it version 3 with qemu-img convert -O qcow2", h.Version)
	case h.HeaderBytes < header3MinBytes || h.HeaderBytes%8 != 0:
		return nil, refuse("the qcow2 image has a header of %d bytes, which cannot be: make it anew with qemu-img convert", h.HeaderBytes)
	case h.HeaderBytes == header3MinBytes:
		h.Compression = 0 // what stands there is an extension
	}
	if size < int64(h.HeaderBytes) {
		return nil, truncated()
	}
	return h, nil
}

// checkReferences refuses what lies outside of the file.
func (h *header) checkReferences() error {
	switch {
	case h.BackingOffset != 0 || h.BackingBytes != 0:
		return refusedBackingFile()
	case h.has(featureDataFile):
		return refusedDataFile()
	case h.Encryption != 0:
		return refusedEncryption()
	}
	return nil
}

func refusedBackingFile() error {
	return refuse("the qcow2 image names a backing file, which could be a file of the node: flatten it with qemu-img convert")
}

func refusedDataFile() error {
	return refuse("the qcow2 image keeps its data in another file, which could be a file of the node: make it one file with qemu-img convert")
}

func refusedEncryption() error {
	return refuse("the qcow2 image is encrypted and no key is known: decrypt it with qemu-img convert")
}

func (h *header) checkFeatures() error {
	switch unknown := h.Incompatible &^ featuresKnown; {
	case unknown != 0:
		return refuse("the qcow2 image needs features that are not known (bits %#x): make it anew with qemu-img convert", unknown)
	case h.has(featureCorrupt):
		return refuse("the qcow2 image is marked as corrupt: repair it with qemu-img check -r all, and look at its content")
	case h.has(featureSubclusters) && h.ClusterBits < minSubclusterBits:
		return refuse("the qcow2 image has extended L2 entries with clusters of 2^%d bytes, they need at least 2^%d: make it anew with qemu-img convert", h.ClusterBits, minSubclusterBits)
	}
	return nil
}

func (h *header) checkGeometry() error {
	switch {
	case h.ClusterBits < minClusterBits || h.ClusterBits > maxClusterBits:
		return refuse("the qcow2 image has clusters of 2^%d bytes, possible are 2^%d to 2^%d: make it anew with qemu-img convert", h.ClusterBits, minClusterBits, maxClusterBits)
	case uint64(h.HeaderBytes) > h.clusterBytes():
		return refuse("the qcow2 image has a header of %d bytes, which is more than a cluster: make it anew with qemu-img convert", h.HeaderBytes)
	case h.VirtualBytes == 0 || h.VirtualBytes%sectorBytes != 0 || h.VirtualBytes > maxVirtualBytes:
		return refuse("the qcow2 image has a virtual size of %d bytes, it must be a positive multiple of %d and at most 64 TiB: change it with qemu-img resize", h.VirtualBytes, sectorBytes)
	case h.RefcountOrder > maxRefcountOrder:
		return refuse("the qcow2 image has refcounts of 2^%d bits, possible are at most 64: make it anew with qemu-img convert", h.RefcountOrder)
	case h.Snapshots > maxSnapshots:
		return refuse("the qcow2 image claims to have %d snapshots, possible are %d: make it anew with qemu-img convert", h.Snapshots, maxSnapshots)
	}
	return nil
}

// checkCompression holds what QEMU does: the feature is there exactly when the type is not zlib.
func (h *header) checkCompression() error {
	if h.Compression > 1 || h.has(featureCompression) != (h.Compression == 1) {
		return refuse("the qcow2 image has compression type %d, which is not known or not announced: make it anew with qemu-img convert", h.Compression)
	}
	return nil
}

// checkL1 checks the first table of where the data are.
func (h *header) checkL1(size uint64) error {
	entryBytes := uint64(8)
	if h.has(featureSubclusters) {
		entryBytes = 16
	}
	covered := h.clusterBytes() / entryBytes * h.clusterBytes() // by one entry
	needed := (h.VirtualBytes + covered - 1) / covered
	switch {
	case h.l1Bytes() > maxL1Bytes:
		return refuse("the qcow2 image has an L1 table of %d bytes, possible are %d: make it anew with larger clusters, as with qemu-img convert -o cluster_size=64k", h.l1Bytes(), maxL1Bytes)
	case uint64(h.L1Entries) < needed:
		return refuse("the qcow2 image has an L1 table of %d entries, its virtual size needs %d: make it anew with qemu-img convert", h.L1Entries, needed)
	case h.L1Offset == 0 || h.L1Offset%h.clusterBytes() != 0:
		return refuse("the qcow2 image has its L1 table at byte %d, where none can be: make it anew with qemu-img convert", h.L1Offset)
	case h.L1Offset > size || h.l1Bytes() > size-h.L1Offset:
		return truncated()
	}
	return nil
}
