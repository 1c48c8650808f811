package image

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func check(content []byte) (Shape, error) {
	return Check(bytes.NewReader(content), int64(len(content)))
}

func TestCheckTakesForRawWhatIsNotQCOW2(t *testing.T) {
	for name, content := range map[string][]byte{
		"zeros":            make([]byte, 512),
		"something":        pattern(1, 4*kib),
		"almost the magic": append([]byte("QFI\xfa"), make([]byte, 508)...),
	} {
		shape, err := check(content)
		if want := (Shape{Raw, int64(len(content))}); err != nil || shape != want {
			t.Errorf("%s: %v, %v, want %v", name, shape, err, want)
		}
	}
	_, err := check(nil)
	wantRefused(t, err, "empty")
	for _, size := range []int{1, 3, 511, 513, 1000} {
		_, err := check(make([]byte, size))
		wantRefused(t, err, "multiple of 512")
	}
	_, err = Check(bytes.NewReader(nil), -512)
	wantRefused(t, err, "empty")
}

func TestCheckAsDoesNotGuess(t *testing.T) {
	disguised := newQCOW2(3, 16)
	disguised.put32(atBackingBytes, 11)
	size := int64(len(disguised))
	shape, err := CheckAs(bytes.NewReader(disguised), size, Raw)
	if want := (Shape{Raw, size}); err != nil || shape != want {
		t.Errorf("raw file that begins as qcow2: %v, %v, want %v", shape, err, want)
	}
	_, err = CheckAs(bytes.NewReader(disguised), size, QCOW2)
	wantRefused(t, err, "backing file")
	_, err = CheckAs(bytes.NewReader(make([]byte, 512)), 512, QCOW2)
	wantRefused(t, err, "does not begin")
	_, err = CheckAs(bytes.NewReader(make([]byte, 512)), 512, "vmdk")
	wantRefused(t, err, "vmdk")
}

func TestCheckAcceptsQCOW2(t *testing.T) {
	for name, change := range map[string]func(q qcow2){
		"as it is":           func(qcow2) {},
		"other size":         func(q qcow2) { q.put64(atVirtualBytes, 3*512) },
		"internal snapshots": func(q qcow2) { q.put32(atSnapshots, 7) },
		"L1 with room":       func(q qcow2) { q.put32(atL1Entries, 64) },
	} {
		for _, version := range []uint32{2, 3} {
			for _, clusterBits := range []uint32{9, 16, 21} {
				q := newQCOW2(version, clusterBits)
				change(q)
				wantAccepted(t, name, q)
			}
		}
	}
	for name, change := range map[string]func(q qcow2){
		"short header": func(q qcow2) { q.put32(atHeaderBytes, 104) },
		"long header":  func(q qcow2) { q.put32(atHeaderBytes, 120) },
		"dirty":        func(q qcow2) { q.put64(atIncompatible, 1) },
		"zstd":         func(q qcow2) { q.put64(atIncompatible, 1<<3); q[atCompression] = 1 },
		"extended L2":  func(q qcow2) { q.put64(atIncompatible, 1<<4) },
		"refcounts":    func(q qcow2) { q.put32(atRefcountOrder, 6) },
		"extensions": func(q qcow2) {
			next := q.extension(112, 0x6803f857, "names of features")
			q.extension(next, 0x12345678, "")
		},
		"extension where the compression type would be": func(q qcow2) {
			q.put32(atHeaderBytes, 104)
			q.extension(104, 0x6803f857, "names of features")
		},
		"behind the end of the extensions": func(q qcow2) { q.extension(120, 0xE2792ACA, "raw") },
	} {
		q := newQCOW2(3, 16)
		change(q)
		wantAccepted(t, name, q)
	}
}

func wantAccepted(t *testing.T, name string, q qcow2) {
	t.Helper()
	shape, err := check(q)
	if err != nil || shape.Format != QCOW2 || shape.VirtualBytes != int64(be64(q[atVirtualBytes:])) {
		t.Errorf("%s, version %d: %v, %v", name, q[7], shape, err)
	}
}

func TestCheckRefusesQCOW2(t *testing.T) {
	for name, each := range map[string]struct {
		change   func(q qcow2)
		fragment string
	}{
		"backing file":           {func(q qcow2) { q.put64(atBackingOffset, 512) }, "names a backing file, which could be a file of the node: flatten it"},
		"length of backing file": {func(q qcow2) { q.put32(atBackingBytes, 11) }, "backing file"},
		"backing format":         {func(q qcow2) { q.extension(112, 0xE2792ACA, "raw") }, "backing file"},
		"backing format behind others": {func(q qcow2) {
			q.extension(q.extension(112, 0x6803f857, "names of features"), 0xE2792ACA, "raw")
		}, "backing file"},
		"data file":             {func(q qcow2) { q.put64(atIncompatible, 1<<2) }, "data in another file"},
		"name of data file":     {func(q qcow2) { q.extension(112, 0x44415441, "/etc/shadow") }, "data in another file"},
		"AES":                   {func(q qcow2) { q.put32(atEncryption, 1) }, "encrypted"},
		"LUKS":                  {func(q qcow2) { q.put32(atEncryption, 2) }, "encrypted"},
		"header of LUKS":        {func(q qcow2) { q.extension(112, 0x0537BE77, "0123456789abcdef") }, "encrypted"},
		"corrupt":               {func(q qcow2) { q.put64(atIncompatible, 1<<1) }, "corrupt"},
		"unknown feature":       {func(q qcow2) { q.put64(atIncompatible, 1<<5) }, "0x20"},
		"last unknown feature":  {func(q qcow2) { q.put64(atIncompatible, 1<<63) }, "not known"},
		"compression":           {func(q qcow2) { q.put64(atIncompatible, 1<<3); q[atCompression] = 2 }, "compression type 2"},
		"unannounced zstd":      {func(q qcow2) { q[atCompression] = 1 }, "compression type 1"},
		"announced zlib":        {func(q qcow2) { q.put64(atIncompatible, 1<<3) }, "compression type 0"},
		"version 1":             {func(q qcow2) { q.put32(atVersion, 1) }, "version 1"},
		"version 4":             {func(q qcow2) { q.put32(atVersion, 4) }, "version 4"},
		"no header":             {func(q qcow2) { q.put32(atHeaderBytes, 0) }, "header of 0 bytes"},
		"header too short":      {func(q qcow2) { q.put32(atHeaderBytes, 96) }, "header of 96 bytes"},
		"crooked header":        {func(q qcow2) { q.put32(atHeaderBytes, 109) }, "header of 109 bytes"},
		"header beyond cluster": {func(q qcow2) { q.put32(atHeaderBytes, 64*kib+8) }, "more than a cluster"},
		"header beyond file":    {func(q qcow2) { q.put32(atHeaderBytes, 0xfffffff8) }, "ends within"},
		"small clusters":        {func(q qcow2) { q.put32(atClusterBits, 8) }, "2^8"},
		"large clusters":        {func(q qcow2) { q.put32(atClusterBits, 22) }, "2^22"},
		"monstrous clusters":    {func(q qcow2) { q.put32(atClusterBits, 0xffffffff) }, "clusters"},
		"no size":               {func(q qcow2) { q.put64(atVirtualBytes, 0) }, "virtual size of 0"},
		"crooked size":          {func(q qcow2) { q.put64(atVirtualBytes, 513) }, "virtual size of 513"},
		"more than 64 TiB":      {func(q qcow2) { q.put64(atVirtualBytes, 64<<40+512) }, "64 TiB"},
		"negative size":         {func(q qcow2) { q.put64(atVirtualBytes, 1<<63) }, "64 TiB"},
		"refcounts":             {func(q qcow2) { q.put32(atRefcountOrder, 7) }, "refcounts"},
		"snapshots":             {func(q qcow2) { q.put32(atSnapshots, 1<<20) }, "snapshots"},
		"no L1":                 {func(q qcow2) { q.put32(atL1Entries, 0) }, "L1 table of 0 entries"},
		"L1 too small":          {func(q qcow2) { q.put64(atVirtualBytes, 512<<20+512) }, "needs 2"},
		"L1 too large":          {func(q qcow2) { q.put32(atL1Entries, 4<<20+1) }, "L1 table of"},
		"L1 in the header":      {func(q qcow2) { q.put64(atL1Offset, 0) }, "L1 table at byte 0"},
		"L1 at odd place":       {func(q qcow2) { q.put64(atL1Offset, 64*kib+8) }, "L1 table at byte"},
		"L1 behind the file":    {func(q qcow2) { q.put64(atL1Offset, 1<<40) }, "ends within"},
		"L1 at the end":         {func(q qcow2) { q.put64(atL1Offset, 3*64*kib) }, "ends within"},
		"L1 overflows":          {func(q qcow2) { q.put64(atL1Offset, 0xffffffffffff0000) }, "ends within"},
		"extension too long":    {func(q qcow2) { q.extension(112, 0x12345678, ""); q.put32(116, 64*kib) }, "does not fit"},
		"extension overflows":   {func(q qcow2) { q.extension(112, 0x12345678, ""); q.put32(116, 0xffffffff) }, "does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQCOW2(3, 16)
			each.change(q)
			shape, err := check(q)
			wantRefused(t, err, each.fragment)
			if shape != (Shape{}) {
				t.Errorf("refused, but as %v", shape)
			}
		})
	}
}

func TestCheckRefusesInVersion2(t *testing.T) {
	q := newQCOW2(2, 16)
	q.put64(atBackingOffset, 80)
	_, err := check(q)
	wantRefused(t, err, "backing file")
	q = newQCOW2(2, 16)
	q.extension(72, 0xE2792ACA, "raw")
	_, err = check(q)
	wantRefused(t, err, "backing file")
}

func TestCheckRefusesExtendedL2InSmallClusters(t *testing.T) {
	q := newQCOW2(3, 13)
	q.put64(atIncompatible, 1<<4)
	_, err := check(q)
	wantRefused(t, err, "extended L2")
}

func TestExtendedL2NeedsTwiceTheL1(t *testing.T) {
	q := newQCOW2(3, 16)
	q.put64(atVirtualBytes, 512<<20) // what one entry covers
	wantAccepted(t, "plain", q)
	q.put64(atIncompatible, 1<<4)
	_, err := check(q)
	wantRefused(t, err, "needs 2")
}

func TestCheckRefusesTruncated(t *testing.T) {
	for _, version := range []uint32{2, 3} {
		whole := newQCOW2(version, 9)
		whole.put32(atL1Entries, 64) // up to the end of the file
		for size := 4; size < len(whole); size++ {
			if _, err := check(whole[:size]); !errors.As(err, new(*Refused)) {
				t.Fatalf("version %d cut off after %d of %d bytes: %v", version, size, len(whole), err)
			}
		}
		if _, err := check(whole); err != nil {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

func TestCheckTellsUnreadableFromRefused(t *testing.T) {
	broken := errors.New("broken disk")
	_, err := Check(unreadable{broken}, 4*kib)
	if errors.As(err, new(*Refused)) || !errors.Is(err, broken) {
		t.Errorf("error is %v, want that of the disk", err)
	}
}

type unreadable struct{ err error }

func (u unreadable) ReadAt([]byte, int64) (int, error) { return 0, u.err }

var _ io.ReaderAt = unreadable{}
