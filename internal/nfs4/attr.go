package nfs4

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
	"github.com/buildbarn/go-xdr/pkg/runtime"
)

// Attr is what the server says of a file.
type Attr struct {
	Type   nfsv4.NfsFtype4
	Mode   uint32 // permissions, without the type
	Size   uint64 // bytes
	Used   uint64 // bytes on the server's disk
	FileID uint64
	Links  uint32
	UID    uint32
	GID    uint32
	Access time.Time
	Modify time.Time
	Change time.Time
	// Handle is how to ask for the file again.
	Handle []byte
}

// Space is what the server says of the file system.
type Space struct {
	Total, Free, Available           uint64 // bytes
	Files, FilesFree, FilesAvailable uint64
	LeaseSeconds                     uint32
}

// reader takes values off an attribute list, the first error stays.
type reader struct {
	from io.Reader
	err  error
}

func (r *reader) uint32() (v uint32) {
	if r.err == nil {
		v, _, r.err = runtime.ReadUnsignedInt(r.from)
	}
	return v
}

func (r *reader) uint64() (v uint64) {
	if r.err == nil {
		v, _, r.err = runtime.ReadUnsignedHyper(r.from)
	}
	return v
}

func (r *reader) bytes() (v []byte) {
	if r.err == nil {
		v, _, r.err = runtime.ReadVariableLengthOpaque(r.from, maxMessage)
	}
	return v
}

func (r *reader) time() time.Time {
	seconds := int64(r.uint64())
	return time.Unix(seconds, int64(r.uint32()))
}

// id is a user or group, which servers name by number ("0") or by name ("root@domain");
// for a name without a number it is nobody's.
func (r *reader) id() uint32 {
	number, err := strconv.ParseUint(string(r.bytes()), 10, 32)
	if err != nil {
		return 65534
	}
	return uint32(number)
}

// fileReaders and spaceReaders are the attributes asked for; a list has them in the order of their numbers.
var (
	fileReaders = map[uint32]func(*Attr, *reader){
		nfsv4.FATTR4_TYPE:          func(a *Attr, r *reader) { a.Type = nfsv4.NfsFtype4(r.uint32()) },
		nfsv4.FATTR4_SIZE:          func(a *Attr, r *reader) { a.Size = r.uint64() },
		nfsv4.FATTR4_FILEHANDLE:    func(a *Attr, r *reader) { a.Handle = r.bytes() },
		nfsv4.FATTR4_FILEID:        func(a *Attr, r *reader) { a.FileID = r.uint64() },
		nfsv4.FATTR4_MODE:          func(a *Attr, r *reader) { a.Mode = r.uint32() },
		nfsv4.FATTR4_NUMLINKS:      func(a *Attr, r *reader) { a.Links = r.uint32() },
		nfsv4.FATTR4_OWNER:         func(a *Attr, r *reader) { a.UID = r.id() },
		nfsv4.FATTR4_OWNER_GROUP:   func(a *Attr, r *reader) { a.GID = r.id() },
		nfsv4.FATTR4_SPACE_USED:    func(a *Attr, r *reader) { a.Used = r.uint64() },
		nfsv4.FATTR4_TIME_ACCESS:   func(a *Attr, r *reader) { a.Access = r.time() },
		nfsv4.FATTR4_TIME_METADATA: func(a *Attr, r *reader) { a.Change = r.time() },
		nfsv4.FATTR4_TIME_MODIFY:   func(a *Attr, r *reader) { a.Modify = r.time() },
	}
	spaceReaders = map[uint32]func(*Space, *reader){
		nfsv4.FATTR4_LEASE_TIME:  func(s *Space, r *reader) { s.LeaseSeconds = r.uint32() },
		nfsv4.FATTR4_FILES_AVAIL: func(s *Space, r *reader) { s.FilesAvailable = r.uint64() },
		nfsv4.FATTR4_FILES_FREE:  func(s *Space, r *reader) { s.FilesFree = r.uint64() },
		nfsv4.FATTR4_FILES_TOTAL: func(s *Space, r *reader) { s.Files = r.uint64() },
		nfsv4.FATTR4_SPACE_AVAIL: func(s *Space, r *reader) { s.Available = r.uint64() },
		nfsv4.FATTR4_SPACE_FREE:  func(s *Space, r *reader) { s.Free = r.uint64() },
		nfsv4.FATTR4_SPACE_TOTAL: func(s *Space, r *reader) { s.Total = r.uint64() },
	}
)

// mask is the set of the attributes that are read.
func mask[T any](readers map[uint32]func(*T, *reader)) []uint32 {
	words := make([]uint32, 2)
	for number := range readers {
		words[number/32] |= 1 << (number % 32)
	}
	return words
}

// parse reads an attribute list.
func parse[T any](list nfsv4.Fattr4, readers map[uint32]func(*T, *reader)) (*T, error) {
	of, from := new(T), &reader{from: bytes.NewReader(list.AttrVals)}
	for word, bits := range list.Attrmask {
		for bit := range uint32(32) {
			if bits&(1<<bit) == 0 {
				continue
			}
			read, known := readers[uint32(word)*32+bit]
			if !known {
				return nil, fmt.Errorf("the server sent attribute %d, which nobody asked for", uint32(word)*32+bit)
			}
			read(of, from)
		}
	}
	if from.err != nil {
		return nil, fmt.Errorf("the server's attributes cannot be read: %w", from.err)
	}
	return of, nil
}

// askAttr is the operation that asks for a file's attributes; attrOf reads its answer.
func askAttr() nfsv4.NfsArgop4 {
	return &nfsv4.NfsArgop4_OP_GETATTR{Opgetattr: nfsv4.Getattr4args{AttrRequest: mask(fileReaders)}}
}

func attrOf(result nfsv4.NfsResop4) (*Attr, error) {
	list, err := listOf(result)
	if err != nil {
		return nil, err
	}
	attr, err := parse(list, fileReaders)
	if err == nil && len(attr.Handle) == 0 {
		return nil, errUnexpected
	}
	return attr, err
}

func listOf(result nfsv4.NfsResop4) (nfsv4.Fattr4, error) {
	fine, is := result.(*nfsv4.NfsResop4_OP_GETATTR).Opgetattr.(*nfsv4.Getattr4res_NFS4_OK)
	if !is {
		return nfsv4.Fattr4{}, errUnexpected
	}
	return fine.Resok4.ObjAttributes, nil
}

// Stat returns the attributes of a file.
func (c *Client) Stat(ctx context.Context, handle []byte) (*Attr, error) {
	results, err := c.do(ctx, at(handle), askAttr())
	if err != nil {
		return nil, err
	}
	return attrOf(results[1])
}

// StatSpace returns how full the file system is that holds a file.
func (c *Client) StatSpace(ctx context.Context, handle []byte) (*Space, error) {
	return c.space(ctx, at(handle))
}

func (c *Client) space(ctx context.Context, whence nfsv4.NfsArgop4) (*Space, error) {
	results, err := c.do(ctx, whence, &nfsv4.NfsArgop4_OP_GETATTR{Opgetattr: nfsv4.Getattr4args{AttrRequest: mask(spaceReaders)}})
	if err != nil {
		return nil, err
	}
	list, err := listOf(results[1])
	if err != nil {
		return nil, err
	}
	return parse(list, spaceReaders)
}

// leaseTime is how long the server keeps what a client that is silent has open.
func (c *Client) leaseTime(ctx context.Context) (time.Duration, error) {
	space, err := c.space(ctx, &nfsv4.NfsArgop4_OP_PUTROOTFH{})
	if err != nil {
		return 0, err
	}
	return time.Duration(space.LeaseSeconds) * time.Second, nil
}
