package nfs4

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
	"github.com/buildbarn/go-xdr/pkg/protocols/rpcv2"
)

const (
	// lastFragment marks the last part of a message in a TCP stream (RFC 5531, 11).
	lastFragment = 1 << 31
	// maxMessage bounds what is taken from a server, bytes.
	maxMessage = 4 << 20
)

// errClosed is what calls get whose connection has been given up.
var errClosed = errors.New("the connection was given up")

// conn is one TCP connection, over which any number of calls may be under way.
type conn struct {
	socket net.Conn
	cred   rpcv2.OpaqueAuth

	writing sync.Mutex
	mu      sync.Mutex // guards the following
	next    uint32
	waiting map[uint32]chan []byte
	broken  error
}

// newConn calls over socket as the user whose credentials are given.
func newConn(socket net.Conn, cred rpcv2.OpaqueAuth) *conn {
	c := &conn{socket: socket, cred: cred, waiting: map[uint32]chan []byte{}}
	go c.receive()
	return c
}

// compound sends one request and returns the server's answer. An error means that
// it is not known whether the server has carried it out; when ctx ends first, the
// connection is given up, for its answer would come too late for whoever is next.
func (c *conn) compound(ctx context.Context, args *nfsv4.Compound4args) (*nfsv4.Compound4res, error) {
	id, answer, err := c.announce()
	if err != nil {
		return nil, err
	}
	message := bytes.NewBuffer(make([]byte, 4, 4+256+args.GetEncodedSizeBytes()))
	call := rpcv2.RpcMsg{Xid: id, Body: &rpcv2.RpcMsgBody_CALL{Cbody: rpcv2.CallBody{
		Rpcvers: 2, Prog: nfsv4.NFS4_PROGRAM_PROGRAM_NUMBER, Vers: 4, Proc: 1, Cred: c.cred,
	}}}
	if _, err := call.WriteTo(message); err != nil {
		return nil, fmt.Errorf("encode a call: %w", err)
	}
	if _, err := args.WriteTo(message); err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	binary.BigEndian.PutUint32(message.Bytes(), lastFragment|uint32(message.Len()-4))
	stop := context.AfterFunc(ctx, func() { c.close(context.Cause(ctx)) })
	defer stop()
	c.writing.Lock()
	_, err = c.socket.Write(message.Bytes())
	c.writing.Unlock()
	if err != nil {
		c.close(err)
	}
	reply, open := <-answer
	if !open {
		return nil, c.why()
	}
	return decode(reply)
}

// announce reserves the number of a call.
func (c *conn) announce() (uint32, <-chan []byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return 0, nil, c.broken
	}
	c.next++
	answer := make(chan []byte, 1)
	c.waiting[c.next] = answer
	return c.next, answer, nil
}

// receive hands answers to whom they belong until the connection ends.
func (c *conn) receive() {
	for {
		message, err := readMessage(c.socket)
		if err == nil && len(message) < 4 {
			err = errors.New("the server sent a message that is none")
		}
		if err != nil {
			c.close(err)
			return
		}
		id := binary.BigEndian.Uint32(message)
		c.mu.Lock()
		answer, found := c.waiting[id]
		delete(c.waiting, id)
		c.mu.Unlock()
		if found {
			answer <- message
		}
	}
}

// close gives the connection up: all calls under way end with an error.
func (c *conn) close(because error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return
	}
	c.broken = because
	_ = c.socket.Close()
	for id, answer := range c.waiting {
		close(answer)
		delete(c.waiting, id)
	}
}

// why is what ended the connection, nil while it is open.
func (c *conn) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// readMessage puts the fragments of one message together.
func readMessage(from io.Reader) ([]byte, error) {
	var message []byte
	for {
		var head [4]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(head[:])
		last := size&lastFragment != 0
		size &^= lastFragment
		if uint64(len(message))+uint64(size) > maxMessage {
			return nil, fmt.Errorf("the server sent a message of more than %d bytes", maxMessage)
		}
		begin := len(message)
		message = append(message, make([]byte, size)...)
		if _, err := io.ReadFull(from, message[begin:]); err != nil {
			return nil, err
		}
		if last {
			return message, nil
		}
	}
}

// decode reads an answer, or why the server did not even look at the request.
func decode(message []byte) (*nfsv4.Compound4res, error) {
	from := bytes.NewReader(message)
	var reply rpcv2.RpcMsg
	if _, err := reply.ReadFrom(from); err != nil {
		return nil, fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	body, is := reply.Body.(*rpcv2.RpcMsgBody_REPLY)
	if !is {
		return nil, errors.New("the server sent a call instead of an answer")
	}
	accepted, is := body.Rbody.(*rpcv2.ReplyBody_MSG_ACCEPTED)
	if !is {
		return nil, &refusedError{"it does not take this user's word (sec=sys)"}
	}
	if stat := accepted.Areply.ReplyData.GetStat(); stat != rpcv2.SUCCESS {
		return nil, &refusedError{rpcv2.AcceptStat_name[stat]}
	}
	var result nfsv4.Compound4res
	if _, err := result.ReadFrom(from); err != nil {
		return nil, fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	return &result, nil
}

// refusedError is a call that the server did not look at; asking again is in vain.
type refusedError struct{ reason string }

func (e *refusedError) Error() string { return "the server refuses NFS version 4: " + e.reason }
