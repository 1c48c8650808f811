package audit

import "slices"

// Volume is what the store holds of one volume.
type Volume struct {
	Name string `json:"name"`
	// Size is that of the latest backup in bytes, 0 when volume.cfg is unusable.
	Size int64 `json:"size"`
	// LastBackup is what the next backup may build on, empty when there is nothing.
	LastBackup string `json:"lastBackup,omitempty"`
	// Blocks is the number of block objects, BytesStored their size in the store.
	Blocks      int   `json:"blocks"`
	BytesStored int64 `json:"bytesStored"`
	// Backups are the finished ones that can be read, in the order of their names.
	Backups []Backup `json:"backups"`
	// InProgress are the names of those that have not ended.
	InProgress []string `json:"inProgress,omitempty"`
}

// Backup is one finished backup.
type Backup struct {
	Name     string `json:"name"`
	Volume   string `json:"volume"`
	Snapshot string `json:"snapshot"`
	// Created is when it was finished, in RFC 3339.
	Created string `json:"created"`
	// Size is that of its blocks together and BlockSize that of each, in bytes and uncompressed.
	Size      int64 `json:"size"`
	BlockSize int64 `json:"blockSize"`
	// Compression is lz4, gzip or none.
	Compression string `json:"compression"`
	Incremental bool   `json:"incremental"`
	// NewlyUploaded and ReUploaded are bytes on the wire, as Longhorn counted them.
	NewlyUploaded int64 `json:"newlyUploaded"`
	ReUploaded    int64 `json:"reUploaded"`
	// BlockCount is the length of Blocks.
	BlockCount int `json:"blocks"`
	// Blocks says what lies where, in the order of the cfg.
	Blocks []Mapping `json:"-"`
}

// Mapping puts one block at its place in the volume.
type Mapping struct {
	// Offset is in bytes.
	Offset int64 `json:"Offset"`
	// Checksum names the block: the first 64 hex digits of its SHA-512.
	Checksum string `json:"BlockChecksum"`
}

// Checksums returns the blocks that the backup needs, each once, sorted.
func (b Backup) Checksums() []string {
	sums := make([]string, len(b.Blocks))
	for i, block := range b.Blocks {
		sums[i] = block.Checksum
	}
	slices.Sort(sums)
	return slices.Compact(sums)
}

// Without returns the blocks that the backup needs and older does not, each
// once, sorted: those that had to be uploaded if only older was there before.
func (b Backup) Without(older Backup) []string {
	has := older.Checksums()
	return slices.DeleteFunc(b.Checksums(), func(sum string) bool {
		_, found := slices.BinarySearch(has, sum)
		return found
	})
}
