package image

import (
	"errors"
	"io"
	"testing"
)

// padded is a file that has zeros behind its content.
type padded struct {
	content []byte
	size    int64
}

// ReadAt implements io.ReaderAt.
func (p padded) ReadAt(buffer []byte, offset int64) (int, error) {
	if offset >= p.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(buffer)), p.size-offset))
	clear(buffer[:n])
	if offset < int64(len(p.content)) {
		copy(buffer[:n], p.content[offset:])
	}
	if n < len(buffer) {
		return n, io.EOF
	}
	return n, nil
}

// FuzzCheck holds that Check never panics, refuses in its own words whatever it
// does not accept, and that what it accepts names no other file and has a size
// that a disk can have.
func FuzzCheck(f *testing.F) {
	for _, version := range []uint32{2, 3} {
		valid := newQCOW2(version, 9)
		f.Add([]byte(valid), uint32(0))
		f.Add([]byte(valid[:600]), uint32(0))
		f.Add([]byte(valid[:72]), uint32(1<<16))
		backing := newQCOW2(version, 9)
		backing.put64(atBackingOffset, 120)
		backing.put32(atBackingBytes, 11)
		f.Add([]byte(backing), uint32(0))
	}
	for _, feature := range []uint{0, 1, 2, 3, 4, 5, 63} {
		featured := newQCOW2(3, 14)
		featured.put64(atIncompatible, 1<<feature)
		f.Add([]byte(featured[:512]), uint32(3<<14))
	}
	for _, kind := range []uint32{0xE2792ACA, 0x44415441, 0x0537BE77, 0x6803f857, 0x12345678} {
		extended := newQCOW2(3, 9)
		extended.extension(112, kind, "/etc/shadow")
		f.Add([]byte(extended), uint32(0))
	}
	f.Add([]byte{}, uint32(0))
	f.Add([]byte(magic), uint32(0))
	f.Add(make([]byte, 512), uint32(1))
	f.Fuzz(func(t *testing.T, content []byte, zeros uint32) {
		file := padded{content, int64(len(content)) + int64(zeros)}
		for _, format := range []Format{"", Raw, QCOW2} {
			shape, err := checkWith(file, format)
			if err != nil {
				if !errors.As(err, new(*Refused)) {
					t.Fatalf("the error refuses nothing: %v", err)
				}
				continue
			}
			if shape.VirtualBytes <= 0 || shape.VirtualBytes%512 != 0 {
				t.Fatalf("accepted with %d bytes", shape.VirtualBytes)
			}
			if shape.Format == QCOW2 {
				holdQCOW2(t, file)
			}
		}
	})
}

// checkWith is Check or CheckAs.
func checkWith(file padded, format Format) (Shape, error) {
	if format == "" {
		return Check(file, file.size)
	}
	return CheckAs(file, file.size, format)
}

// holdQCOW2 looks at an accepted file without the code under test.
func holdQCOW2(t *testing.T, file padded) {
	t.Helper()
	header := make([]byte, 112)
	_, _ = file.ReadAt(header, 0) // a shorter file has zeros behind it
	switch {
	case string(header[:4]) != "QFI\xfb":
		t.Fatal("accepted without the magic")
	case be64(header[atBackingOffset:]) != 0 || be32(header[atBackingBytes:]) != 0:
		t.Fatal("accepted with a backing file")
	case be32(header[atEncryption:]) != 0:
		t.Fatal("accepted although encrypted")
	case be32(header[atVersion:]) == 3 && be64(header[atIncompatible:])&^uint64(1<<0|1<<3|1<<4) != 0:
		t.Fatalf("accepted with features %#x", be64(header[atIncompatible:]))
	case be64(header[atL1Offset:])+uint64(be32(header[atL1Entries:]))*8 > uint64(file.size):
		t.Fatal("accepted with an L1 table beyond its end")
	}
}
