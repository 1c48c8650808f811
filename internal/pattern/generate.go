// Package pattern writes and checks seeded pseudo-random content on files and
// block devices. The bytes at an offset depend on the seed and the offset only,
// so any part can be verified without generating what lies before it. Nothing
// here knows of Kubernetes; it runs inside test pods.
package pattern

import (
	"encoding/binary"
	"math/rand/v2"
)

// MiB is the unit in which content is written and measured, in bytes.
const MiB = 1 << 20

// blockSize is the length in bytes of the pieces that are seeded separately. It
// is large enough that seeding costs nothing and divides MiB.
const blockSize = 64 << 10

// Fill puts into p the pattern of seed at offset bytes from the start. Both
// offset and len(p) must be multiples of 64 KiB; Fill panics otherwise, because
// a silent gap would make a later comparison meaningless.
func Fill(p []byte, seed, offset int64) {
	if offset%blockSize != 0 || len(p)%blockSize != 0 {
		panic("pattern.Fill: offset and length must be multiples of 64 KiB")
	}
	var key [32]byte
	copy(key[16:], "muster pattern 1")
	binary.LittleEndian.PutUint64(key[0:], uint64(seed))
	var source rand.ChaCha8
	for len(p) > 0 {
		binary.LittleEndian.PutUint64(key[8:], uint64(offset/blockSize))
		source.Seed(key)
		_, _ = source.Read(p[:blockSize]) // documented never to fail
		p, offset = p[blockSize:], offset+blockSize
	}
}
