package nfs4

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
)

const (
	// dataSize is the most data that one READ or WRITE carries, bytes.
	dataSize = 256 << 10
	// overhead is what a message has beside data, bytes.
	overhead = 8 << 10
	// wantedSlots is how many requests may be under way at once.
	wantedSlots = 16
)

// slot is a place for one request at a time in a session; the number that goes up
// with each lets the server tell a request that is repeated from a new one.
type slot struct {
	number   uint32
	sequence uint32
}

// session is what a server knows of this client. It outlives connections.
type session struct {
	client uint64
	id     [16]byte
	free   chan *slot
	// ended is closed once the server no longer knows the session.
	ended chan struct{}
}

// establish makes this client known to the server and begins a session.
func (c *Client) establish(ctx context.Context, over *conn) (*session, error) {
	known, err := c.introduce(ctx, over)
	if err != nil {
		return nil, err
	}
	channel := nfsv4.ChannelAttrs4{
		CaMaxrequestsize: dataSize + overhead, CaMaxresponsesize: dataSize + overhead,
		CaMaxresponsesizeCached: overhead, CaMaxoperations: 16, CaMaxrequests: wantedSlots,
	}
	back := channel // not used: nothing here is called back
	back.CaMaxrequestsize, back.CaMaxresponsesize, back.CaMaxrequests = overhead, overhead, 1
	results, err := c.bare(ctx, over, &nfsv4.NfsArgop4_OP_CREATE_SESSION{OpcreateSession: nfsv4.CreateSession4args{
		CsaClientid: known.EirClientid, CsaSequence: known.EirSequenceid,
		CsaForeChanAttrs: channel, CsaBackChanAttrs: back, CsaCbProgram: 1 << 30,
		CsaSecParms: []nfsv4.CallbackSecParms4{&nfsv4.CallbackSecParms4_AUTH_NONE{}},
	}})
	if err != nil {
		return nil, err
	}
	created, fine := results[0].(*nfsv4.NfsResop4_OP_CREATE_SESSION).OpcreateSession.(*nfsv4.CreateSession4res_NFS4_OK)
	if !fine {
		return nil, errUnexpected
	}
	fore := created.CsrResok4.CsrForeChanAttrs
	if fore.CaMaxrequests == 0 || min(fore.CaMaxresponsesize, fore.CaMaxrequestsize) < channel.CaMaxrequestsize {
		return nil, fmt.Errorf("the server's sessions are too small: %d requests of %d bytes with answers of %d; %d bytes are needed",
			fore.CaMaxrequests, fore.CaMaxrequestsize, fore.CaMaxresponsesize, channel.CaMaxrequestsize)
	}
	s := &session{client: known.EirClientid, id: created.CsrResok4.CsrSessionid, ended: make(chan struct{})}
	s.free = make(chan *slot, fore.CaMaxrequests)
	for number := range min(fore.CaMaxrequests, wantedSlots) {
		s.free <- &slot{number: number, sequence: 1}
	}
	return s, c.reclaimed(ctx, over, s)
}

// introduce tells the server who asks; a verifier of its own each time makes it forget
// what a session before held open.
func (c *Client) introduce(ctx context.Context, over *conn) (*nfsv4.ExchangeId4resok, error) {
	owner := nfsv4.ClientOwner4{CoOwnerid: []byte(c.owner)}
	copy(owner.CoVerifier[:], fmt.Sprintf("%08x", uint32(time.Now().UnixNano())))
	results, err := c.bare(ctx, over, &nfsv4.NfsArgop4_OP_EXCHANGE_ID{OpexchangeId: nfsv4.ExchangeId4args{
		EiaClientowner: owner, EiaFlags: nfsv4.EXCHGID4_FLAG_USE_NON_PNFS, EiaStateProtect: &nfsv4.StateProtect4A_SP4_NONE{},
	}})
	if err != nil {
		return nil, err
	}
	known, fine := results[0].(*nfsv4.NfsResop4_OP_EXCHANGE_ID).OpexchangeId.(*nfsv4.ExchangeId4res_NFS4_OK)
	if !fine {
		return nil, errUnexpected
	}
	return &known.EirResok4, nil
}

// reclaimed tells a server that may just have started that nothing of before is asked for.
func (c *Client) reclaimed(ctx context.Context, over *conn, s *session) error {
	at := <-s.free
	defer func() { s.free <- at }()
	_, err := c.bare(ctx, over, s.sequenceOp(at), &nfsv4.NfsArgop4_OP_RECLAIM_COMPLETE{})
	at.sequence++
	if is(err, nfsv4.NFS4ERR_COMPLETE_ALREADY) {
		return nil
	}
	return err
}

// sequenceOp is how every request in a session begins.
func (s *session) sequenceOp(at *slot) nfsv4.NfsArgop4 {
	return &nfsv4.NfsArgop4_OP_SEQUENCE{Opsequence: nfsv4.Sequence4args{
		SaSessionid: s.id, SaSequenceid: at.sequence, SaSlotid: at.number, SaHighestSlotid: uint32(cap(s.free)) - 1, SaCachethis: true,
	}}
}

// errUnexpected is an answer that belongs to another request.
var errUnexpected = errors.New("the server's answer does not fit the request")

// bare sends one compound as it is and returns its results, one for each operation.
func (c *Client) bare(ctx context.Context, over *conn, operations ...nfsv4.NfsArgop4) ([]nfsv4.NfsResop4, error) {
	answer, err := over.compound(ctx, &nfsv4.Compound4args{Minorversion: c.options.Minor, Argarray: operations})
	if err != nil {
		return nil, err
	}
	if answer.Status != nfsv4.NFS4_OK {
		failed := operations[0].GetArgop()
		if n := len(answer.Resarray); n > 0 {
			failed = answer.Resarray[n-1].GetResop()
		}
		return nil, &StatusError{Operation: nfsv4.NfsOpnum4_name[failed], Status: answer.Status}
	}
	if len(answer.Resarray) != len(operations) {
		return nil, errUnexpected
	}
	for i, result := range answer.Resarray {
		if result.GetResop() != operations[i].GetArgop() {
			return nil, errUnexpected
		}
	}
	return answer.Resarray, nil
}

// dial opens a connection to the server.
func (c *Client) dial(ctx context.Context) (*conn, error) {
	socket, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.options.Address)
	if err != nil {
		return nil, err
	}
	return newConn(socket, c.cred), nil
}
