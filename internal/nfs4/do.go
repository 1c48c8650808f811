package nfs4

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
)

// pause is the rest before a server is asked again that asked for patience or is not there.
const pause = 200 * time.Millisecond

// do carries out operations in the session, as one request, and returns their results
// without that of the sequence. It asks again when the server was not there, wants
// patience, or has forgotten the session.
func (c *Client) do(ctx context.Context, operations ...nfsv4.NfsArgop4) ([]nfsv4.NfsResop4, error) {
	deadline := time.Now().Add(c.options.Wait * time.Duration(c.options.Tries))
	for {
		results, err := c.once(ctx, operations)
		var status *StatusError
		var refused *refusedError
		switch {
		case err == nil:
			return results, nil
		case ctx.Err() != nil, errors.As(err, &refused), errors.Is(err, errUnexpected):
			return nil, err
		case errors.As(err, &status) && !passing(err):
			return nil, err
		case c.options.Tries > 0 && !time.Now().Before(deadline):
			return nil, fmt.Errorf("the NFS server %s does not answer: %w", c.options.Address, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// passing reports whether the same request may be granted later, or in a new session.
func passing(err error) bool {
	return is(err, nfsv4.NFS4ERR_DELAY, nfsv4.NFS4ERR_GRACE, nfsv4.NFS4ERR_RETRY_UNCACHED_REP) || lost(err)
}

// lost reports whether the session is of no use any more.
func lost(err error) bool {
	return is(err, nfsv4.NFS4ERR_BADSESSION, nfsv4.NFS4ERR_DEADSESSION, nfsv4.NFS4ERR_STALE_CLIENTID,
		nfsv4.NFS4ERR_SEQ_MISORDERED, nfsv4.NFS4ERR_BADSLOT, nfsv4.NFS4ERR_CONN_NOT_BOUND_TO_SESSION)
}

// once sends a request in a slot of the session, and again over a new connection when the
// old one breaks: in the same slot, so that the server carries it out but once.
func (c *Client) once(ctx context.Context, operations []nfsv4.NfsArgop4) ([]nfsv4.NfsResop4, error) {
	try, cancel := context.WithTimeout(ctx, c.options.Wait)
	defer cancel()
	_, s, err := c.connected(try)
	if err != nil {
		return nil, err
	}
	var at *slot
	select {
	case at = <-s.free:
	case <-s.ended:
		return nil, &StatusError{Operation: "OP_SEQUENCE", Status: nfsv4.NFS4ERR_BADSESSION}
	case <-try.Done():
		return nil, context.Cause(try)
	}
	request := append([]nfsv4.NfsArgop4{s.sequenceOp(at)}, operations...)
	for attempt := 1; ; attempt++ {
		results, err := c.send(ctx, s, request)
		var status *StatusError
		answered := err == nil || errors.As(err, &status)
		if lost(err) {
			c.forget(s)
			return nil, err
		}
		if answered {
			at.sequence++
			s.free <- at
			if err != nil {
				return nil, err
			}
			return results[1:], nil
		}
		if ctx.Err() != nil || errors.Is(err, errMoved) || attempt == c.options.Tries {
			c.forget(s) // nobody knows where this slot stands
			return nil, err
		}
	}
}

// errMoved is a session that was replaced while a request was under way in it.
var errMoved = errors.New("the session has been replaced")

// send sends a request of the session once, and waits as long as options say.
func (c *Client) send(ctx context.Context, s *session, request []nfsv4.NfsArgop4) ([]nfsv4.NfsResop4, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Wait)
	defer cancel()
	over, current, err := c.connected(ctx)
	if err != nil {
		select { // not at once again: the server may just be starting
		case <-ctx.Done():
		case <-time.After(pause):
		}
		return nil, err
	}
	if current != s {
		return nil, errMoved
	}
	return c.bare(ctx, over, request...)
}
