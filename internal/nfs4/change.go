package nfs4

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
	"github.com/buildbarn/go-xdr/pkg/runtime"
)

// Change is what SetAttr changes: what is nil stays.
type Change struct {
	Size           *uint64 // bytes
	Mode           *uint32 // permissions
	UID, GID       *uint32
	Access, Modify *time.Time
}

// list encodes a change in the order of the attributes' numbers.
func (c Change) list() nfsv4.Fattr4 {
	var values bytes.Buffer // which takes everything
	words := make([]uint32, 2)
	set := func(number uint32) { words[number/32] |= 1 << (number % 32) }
	if c.Size != nil {
		set(nfsv4.FATTR4_SIZE)
		_, _ = runtime.WriteUnsignedHyper(&values, *c.Size)
	}
	if c.Mode != nil {
		set(nfsv4.FATTR4_MODE)
		_, _ = runtime.WriteUnsignedInt(&values, *c.Mode&0o7777)
	}
	for _, id := range []struct {
		number uint32
		value  *uint32
	}{{nfsv4.FATTR4_OWNER, c.UID}, {nfsv4.FATTR4_OWNER_GROUP, c.GID}} {
		if id.value != nil {
			set(id.number)
			_, _ = runtime.WriteVariableLengthOpaque(&values, maxMessage, strconv.AppendUint(nil, uint64(*id.value), 10))
		}
	}
	for _, at := range []struct {
		number uint32
		value  *time.Time
	}{{nfsv4.FATTR4_TIME_ACCESS_SET, c.Access}, {nfsv4.FATTR4_TIME_MODIFY_SET, c.Modify}} {
		if at.value != nil {
			set(at.number)
			when := nfsv4.Settime4_SET_TO_CLIENT_TIME4{Time: nfsv4.Nfstime4{Seconds: at.value.Unix(), Nseconds: uint32(at.value.Nanosecond())}}
			_, _ = when.WriteTo(&values)
		}
	}
	return nfsv4.Fattr4{Attrmask: words, AttrVals: values.Bytes()}
}

// SetAttr changes attributes of a file and returns what they are then.
func (c *Client) SetAttr(ctx context.Context, handle []byte, change Change) (*Attr, error) {
	results, err := c.do(ctx, at(handle),
		&nfsv4.NfsArgop4_OP_SETATTR{Opsetattr: nfsv4.Setattr4args{ObjAttributes: change.list()}}, askAttr())
	if err != nil {
		return nil, err
	}
	return attrOf(results[2])
}
