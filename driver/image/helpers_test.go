package image

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantRefused holds that the error is Refused and says the fragment.
func wantRefused(t testing.TB, err error, fragment string) {
	t.Helper()
	var refused *Refused
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), fragment) {
		t.Errorf("error is %v, want one that refuses and says %q", err, fragment)
	}
}

// pattern returns n bytes that depend on seed only.
func pattern(seed byte, n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

// run is a piece of a file that is not a hole.
type run struct {
	offset int64
	data   []byte
}

// sparseFile makes a file of size bytes with holes between the runs.
func sparseFile(t testing.TB, size int64, runs ...run) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sparse")
	file, err := os.Create(path)
	must(t, err)
	defer file.Close()
	must(t, file.Truncate(size))
	for _, r := range runs {
		_, err := file.WriteAt(r.data, r.offset)
		must(t, err)
	}
	return path
}

// Places in the header of a qcow2 file, from the format's description.
const (
	atVersion          = 4
	atBackingOffset    = 8
	atBackingBytes     = 16
	atClusterBits      = 20
	atVirtualBytes     = 24
	atEncryption       = 32
	atL1Entries        = 36
	atL1Offset         = 40
	atRefcountOffset   = 48
	atRefcountClusters = 56
	atSnapshots        = 60
	atIncompatible     = 72
	atRefcountOrder    = 96
	atHeaderBytes      = 100
	atCompression      = 104
)

func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// qcow2 is the content of an image file in the making.
type qcow2 []byte

func (q qcow2) put32(at int, value uint32) { binary.BigEndian.PutUint32(q[at:], value) }
func (q qcow2) put64(at int, value uint64) { binary.BigEndian.PutUint64(q[at:], value) }

// extension puts a header extension at a place and returns where the next one goes.
func (q qcow2) extension(at int, kind uint32, data string) int {
	q.put32(at, kind)
	q.put32(at+4, uint32(len(data)))
	copy(q[at+8:], data)
	return at + 8 + (len(data)+7)/8*8
}

// newQCOW2 returns an empty image of 1 MiB: header, refcount table and L1 table
// in a cluster each.
func newQCOW2(version uint32, clusterBits uint32) qcow2 {
	cluster := 1 << clusterBits
	q := make(qcow2, 3*cluster)
	copy(q, magic)
	q.put32(atVersion, version)
	q.put32(atClusterBits, clusterBits)
	q.put64(atVirtualBytes, mib)
	perEntry := cluster / 8 * cluster
	q.put32(atL1Entries, uint32((mib+perEntry-1)/perEntry))
	q.put64(atL1Offset, uint64(2*cluster))
	q.put64(atRefcountOffset, uint64(cluster))
	q.put32(atRefcountClusters, 1)
	if version == 3 {
		q.put32(atRefcountOrder, 4)
		q.put32(atHeaderBytes, 112)
	}
	return q
}
