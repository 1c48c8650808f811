package nfs4

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
)

// Access says what an open file is for.
type Access uint32

const (
	Read  Access = nfsv4.OPEN4_SHARE_ACCESS_READ
	Write Access = nfsv4.OPEN4_SHARE_ACCESS_WRITE
)

// File is an open file. Its methods may be called at once.
type File struct {
	client *Client
	handle []byte
	access Access

	mu      sync.Mutex // guards the following
	state   nfsv4.Stateid4
	dirty   bool    // written and not yet known to be on the server's disk
	started [8]byte // the server's verifier with the first write that is dirty
	failed  error   // what was written is lost
}

// errRestarted is data that a server lost which restarted before it wrote them down.
var errRestarted = errors.New("the server has restarted and lost what was written")

// Open opens a file.
func (c *Client) Open(ctx context.Context, handle []byte, access Access) (*File, error) {
	results, err := c.do(ctx, at(handle), c.openOp(access, &nfsv4.Openflag4_default{Opentype: nfsv4.OPEN4_NOCREATE}, &nfsv4.OpenClaim4_CLAIM_FH{}))
	if err != nil {
		return nil, err
	}
	return c.opened4(results[1], handle, access)
}

// Create makes a file, if there is none of that name, and opens it; exclusive, one that
// is there already is an error.
func (c *Client) Create(ctx context.Context, dir []byte, name string, mode uint32, access Access, exclusive bool) (*File, *Attr, error) {
	var how nfsv4.Createhow4 = &nfsv4.Createhow4_UNCHECKED4{Createattrs: Change{Mode: &mode}.list()}
	if exclusive {
		how = &nfsv4.Createhow4_GUARDED4{Createattrs: Change{Mode: &mode}.list()}
	}
	results, err := c.do(ctx, at(dir), c.openOp(access, &nfsv4.Openflag4_OPEN4_CREATE{How: how}, &nfsv4.OpenClaim4_CLAIM_NULL{File: name}), askAttr())
	if err != nil {
		return nil, nil, err
	}
	attr, err := attrOf(results[2])
	if err != nil {
		return nil, nil, err
	}
	file, err := c.opened4(results[1], attr.Handle, access)
	return file, attr, err
}

// openOp opens as an owner of its own: what one opens and closes is nothing to another.
func (c *Client) openOp(access Access, how nfsv4.Openflag4, claim nfsv4.OpenClaim4) nfsv4.NfsArgop4 {
	return &nfsv4.NfsArgop4_OP_OPEN{Opopen: nfsv4.Open4args{
		ShareAccess: uint32(access) | nfsv4.OPEN4_SHARE_ACCESS_WANT_NO_DELEG,
		ShareDeny:   nfsv4.OPEN4_SHARE_DENY_NONE,
		Owner:       nfsv4.StateOwner4{Owner: fmt.Appendf(nil, "file %d", c.opened.Add(1))},
		Openhow:     how, Claim: claim,
	}}
}

func (c *Client) opened4(result nfsv4.NfsResop4, handle []byte, access Access) (*File, error) {
	fine, is := result.(*nfsv4.NfsResop4_OP_OPEN).Opopen.(*nfsv4.Open4res_NFS4_OK)
	if !is {
		return nil, errUnexpected
	}
	return &File{client: c, handle: handle, access: access, state: fine.Resok4.Stateid}, nil
}

// ReadAt fills p from that offset, and returns how many bytes it got and io.EOF at the end.
func (f *File) ReadAt(ctx context.Context, p []byte, offset int64) (int, error) {
	done := 0
	for done < len(p) {
		count := uint32(min(len(p)-done, dataSize))
		result, err := f.with(ctx, func(state nfsv4.Stateid4) nfsv4.NfsArgop4 {
			return &nfsv4.NfsArgop4_OP_READ{Opread: nfsv4.Read4args{Stateid: state, Offset: uint64(offset) + uint64(done), Count: count}}
		})
		if err != nil {
			return done, err
		}
		fine, is := result.(*nfsv4.NfsResop4_OP_READ).Opread.(*nfsv4.Read4res_NFS4_OK)
		if !is || len(fine.Resok4.Data) > int(count) || (len(fine.Resok4.Data) == 0 && !fine.Resok4.Eof) {
			return done, errUnexpected
		}
		done += copy(p[done:], fine.Resok4.Data)
		if fine.Resok4.Eof {
			return done, io.EOF
		}
	}
	return done, nil
}

// WriteAt writes all of p at that offset. The server may hold it in memory until Sync.
func (f *File) WriteAt(ctx context.Context, p []byte, offset int64) (int, error) {
	done := 0
	for done < len(p) {
		part := p[done:min(len(p), done+dataSize)]
		result, err := f.with(ctx, func(state nfsv4.Stateid4) nfsv4.NfsArgop4 {
			return &nfsv4.NfsArgop4_OP_WRITE{Opwrite: nfsv4.Write4args{Stateid: state, Offset: uint64(offset) + uint64(done), Stable: nfsv4.UNSTABLE4, Data: part}}
		})
		if err != nil {
			return done, err
		}
		fine, is := result.(*nfsv4.NfsResop4_OP_WRITE).Opwrite.(*nfsv4.Write4res_NFS4_OK)
		if !is || fine.Resok4.Count == 0 || int(fine.Resok4.Count) > len(part) {
			return done, errUnexpected
		}
		f.wrote(fine.Resok4)
		done += int(fine.Resok4.Count)
	}
	return done, nil
}

// wrote remembers what the server has to be asked about in Sync.
func (f *File) wrote(answer nfsv4.Write4resok) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.dirty && f.started != answer.Writeverf:
		f.failed = errRestarted
	case answer.Committed == nfsv4.UNSTABLE4:
		f.dirty, f.started = true, answer.Writeverf
	}
}

// Sync returns when everything that was written before is on the server's disk.
func (f *File) Sync(ctx context.Context) error {
	f.mu.Lock()
	dirty, started, failed := f.dirty, f.started, f.failed
	f.dirty, f.failed = false, nil
	f.mu.Unlock()
	if failed != nil || !dirty {
		return failed
	}
	results, err := f.client.do(ctx, at(f.handle), &nfsv4.NfsArgop4_OP_COMMIT{})
	if err != nil {
		return err
	}
	fine, is := results[1].(*nfsv4.NfsResop4_OP_COMMIT).Opcommit.(*nfsv4.Commit4res_NFS4_OK)
	if !is {
		return errUnexpected
	}
	if fine.Resok4.Writeverf != started {
		return errRestarted
	}
	return nil
}

// Close closes the file, without Sync.
func (f *File) Close(ctx context.Context) error {
	f.mu.Lock()
	state := f.state
	f.mu.Unlock()
	_, err := f.client.do(ctx, at(f.handle), &nfsv4.NfsArgop4_OP_CLOSE{Opclose: nfsv4.Close4args{OpenStateid: state}})
	return err
}

// with carries out an operation on the open file. A server that has forgotten that it
// is open, as after a restart, is told again.
func (f *File) with(ctx context.Context, operation func(nfsv4.Stateid4) nfsv4.NfsArgop4) (nfsv4.NfsResop4, error) {
	for again := false; ; again = true {
		f.mu.Lock()
		state := f.state
		f.mu.Unlock()
		results, err := f.client.do(ctx, at(f.handle), operation(state))
		if err == nil {
			return results[1], nil
		}
		if again || !is(err, nfsv4.NFS4ERR_BAD_STATEID, nfsv4.NFS4ERR_STALE_STATEID, nfsv4.NFS4ERR_EXPIRED) {
			return nil, err
		}
		anew, err := f.client.Open(ctx, f.handle, f.access)
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		f.state = anew.state
		f.mu.Unlock()
	}
}
