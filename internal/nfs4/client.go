package nfs4

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
	"github.com/buildbarn/go-xdr/pkg/protocols/rpcv2"
)

// Options say which server, and how long to wait for it.
type Options struct {
	// Address is the server's, with its port: "10.0.0.1:2049".
	Address string
	// Minor is the minor version of the protocol, 1 or 2.
	Minor uint32
	// Wait is how long an answer may take before the connection is made anew and
	// the request sent again, which is safe in a session.
	Wait time.Duration
	// Tries is how many times a request is sent before it fails, 0 for without end.
	Tries int
}

// Client talks to one server in one session, as root. Its methods may be called at once.
type Client struct {
	options Options
	owner   string
	cred    rpcv2.OpaqueAuth
	opened  atomic.Uint64 // files, each with an owner of its own

	mu      sync.Mutex // guards the following; held while a connection is made
	conn    *conn
	session *session
	stop    context.CancelFunc
}

// Dial connects and begins a session; Close ends it.
func Dial(ctx context.Context, options Options) (*Client, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find this host's name: %w", err)
	}
	c := &Client{options: options, owner: fmt.Sprintf("muster %s %s", host, rand.Text())}
	var body bytes.Buffer
	parms := rpcv2.AuthsysParms{Machinename: host, Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())}
	if _, err := parms.WriteTo(&body); err != nil {
		return nil, fmt.Errorf("encode who asks: %w", err)
	}
	c.cred = rpcv2.OpaqueAuth{Flavor: rpcv2.AUTH_SYS, Body: body.Bytes()}
	once, cancel := context.WithTimeout(ctx, options.Wait)
	defer cancel()
	if _, _, err := c.connected(once); err != nil {
		return nil, err
	}
	lease, err := c.leaseTime(ctx)
	if err != nil {
		_ = c.Close(ctx)
		return nil, err
	}
	var renewing context.Context
	renewing, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	go c.renew(renewing, lease/3)
	return c, nil
}

// renew shows the server that this client is alive, also while nobody uses a file.
func (c *Client) renew(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(max(every, time.Second))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_, _ = c.do(ctx) // the next request that somebody waits for tells of an error
		}
	}
}

// Close ends the session. What is open is closed by the server.
func (c *Client) Close(ctx context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil || c.session == nil {
		return nil
	}
	_, err := c.bare(ctx, c.conn, &nfsv4.NfsArgop4_OP_DESTROY_SESSION{
		OpdestroySession: nfsv4.DestroySession4args{DsaSessionid: c.session.id}})
	if err == nil {
		_, err = c.bare(ctx, c.conn, &nfsv4.NfsArgop4_OP_DESTROY_CLIENTID{
			OpdestroyClientid: nfsv4.DestroyClientid4args{DcaClientid: c.session.client}})
	}
	c.conn.close(errClosed)
	return err
}

// connected returns a connection and a session, both made if need be.
func (c *Client) connected(ctx context.Context) (*conn, *session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil || c.conn.why() != nil {
		over, err := c.dial(ctx)
		if err != nil {
			return nil, nil, err
		}
		c.conn = over
	}
	if c.session == nil {
		s, err := c.establish(ctx, c.conn)
		if err != nil {
			return nil, nil, err
		}
		c.session = s
	}
	return c.conn, c.session, nil
}

// forget gives up a session, which the server does not know or which is out of step.
func (c *Client) forget(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == s {
		c.session = nil
		close(s.ended)
	}
}
