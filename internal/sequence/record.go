// Package sequence writes an endless run of numbered records, each made durable
// before it is acknowledged, and reads back which of them survived. It answers
// the question where exactly a snapshot cut a running writer.
package sequence

import (
	"encoding/binary"
	"hash/crc32"
)

// RecordSize is the length of one record in bytes: one page, so that a record
// never shares a page with its neighbour.
const RecordSize = 4096

// magic begins every record; it tells a record from other content.
const magic = "muster sequence1"

const (
	numberAt = len(magic)
	fillAt   = numberAt + 8
	sumAt    = RecordSize - 4
)

// encode puts record number into p, which has RecordSize bytes. The fill varies
// with the number, so that a page of one record never passes as another's.
func encode(p []byte, number uint64) {
	copy(p, magic)
	binary.LittleEndian.PutUint64(p[numberAt:], number)
	for i := fillAt; i < sumAt; i++ {
		p[i] = byte(number + uint64(i))
	}
	binary.LittleEndian.PutUint32(p[sumAt:], crc32.ChecksumIEEE(p[:sumAt]))
}

// decode returns the number of the record in p, and false when p is no whole
// record, for example a hole or one torn by a cut.
func decode(p []byte) (uint64, bool) {
	if string(p[:numberAt]) != magic || binary.LittleEndian.Uint32(p[sumAt:]) != crc32.ChecksumIEEE(p[:sumAt]) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(p[numberAt:]), true
}
