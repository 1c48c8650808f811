package s3front

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

// upstreamReached is how long the store may take to accept the first connection.
const upstreamReached = 10 * time.Second

// Front is a running front. Its methods may be called concurrently.
type Front struct {
	log   *log.Logger
	judge *judge
	links *links

	server    *http.Server
	served    chan struct{}
	transport *http.Transport
	// through passes requests on, halfDown and halfUp truncate answer and request, dated dates the answer back.
	through, halfDown, halfUp, dated *httputil.ReverseProxy

	// changing keeps changes of the fault apart.
	changing sync.Mutex
}

// Start returns when the front accepts connections. A store that cannot be
// reached, or that the CA does not lead to, is an error. Call Close when done.
func Start(ctx context.Context, c Config) (*Front, error) {
	serverTLS, err := c.serverTLS()
	if err != nil {
		return nil, err
	}
	store, storeTLS, err := c.store()
	if err != nil {
		return nil, err
	}
	if err := reach(ctx, store.Host, storeTLS); err != nil {
		return nil, err
	}
	f := &Front{log: c.Log, judge: newJudge(), served: make(chan struct{})}
	f.transport = &http.Transport{
		TLSClientConfig: storeTLS,
		// "Accept-Encoding" would be added to what the client has signed.
		DisableCompression:    true,
		ExpectContinueTimeout: upstreamReached,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
	}
	f.through = f.proxy(store, f.transport, f.asIs)
	f.halfDown = f.proxy(store, f.transport, f.halved)
	f.dated = f.proxy(store, f.transport, f.datedBack)
	f.halfUp = f.proxy(store, halfUploads{store.Host, storeTLS}, f.asIs)
	if err := f.serve(c.Listen, serverTLS); err != nil {
		return nil, err
	}
	return f, nil
}

// reach tells whether the store accepts a connection and is trusted.
func reach(ctx context.Context, host string, config *tls.Config) error {
	ctx, cancel := context.WithTimeout(ctx, upstreamReached)
	defer cancel()
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", host)
	if err != nil {
		return fmt.Errorf("the store at %s cannot be reached, install it first: %w", host, err)
	}
	return conn.Close()
}

// serve starts the server on the loopback interface and the links before it.
func (f *Front) serve(listen string, config *tls.Config) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("cannot listen on the loopback interface: %w", err)
	}
	if f.links, err = newLinks(listen, listener.Addr().String(), f.judge.connected); err != nil {
		listener.Close()
		return err
	}
	f.server = &http.Server{Handler: f, ErrorLog: f.log}
	go func() {
		defer close(f.served)
		_ = f.server.Serve(tls.NewListener(listener, config)) // ends with Close, and only then
	}()
	return nil
}

// Address is host:port of the listener.
func (f *Front) Address() string { return f.links.address }

// Set makes the fault the only one, in place of the one before, and counts its
// hits from 0. Clear the fault after an error.
func (f *Front) Set(ctx context.Context, fault Fault) error {
	if err := fault.Validate(); err != nil {
		return err
	}
	return f.change(ctx, fault)
}

// Clear ends the fault; without one it does nothing.
func (f *Front) Clear(ctx context.Context) error { return f.change(ctx, Fault{}) }

func (f *Front) change(ctx context.Context, fault Fault) error {
	f.changing.Lock()
	defer f.changing.Unlock()
	if fault.Kind == "" {
		f.log.Print("no fault from now on")
	} else {
		f.log.Printf("fault from now on: %s", fault)
	}
	// The judge first: links only change when what they carry is being read.
	f.judge.replace(fault)
	return f.links.apply(ctx, fault)
}

// Stats returns what has been counted so far.
func (f *Front) Stats() Stats { return f.judge.report() }

// Close ends all connections and returns when nothing is listening any more. What
// is held does not reach the store. Call it once.
func (f *Front) Close(ctx context.Context) error {
	f.changing.Lock()
	defer f.changing.Unlock()
	f.judge.replace(Fault{Kind: Refuse})
	err := errors.Join(f.server.Close(), f.links.stop(ctx))
	<-f.served
	f.transport.CloseIdleConnections()
	if err != nil {
		return fmt.Errorf("cannot close the front: %w", err)
	}
	return nil
}
