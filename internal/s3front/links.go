package s3front

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// links is the TCP proxy that clients connect to. Toxiproxy's collection of
// toxics moves the bytes; listening, and what bytes are moved between, is its
// own: in toxiproxy's Proxy a client that goes away while toxics change can stop
// everything for good (v2.5.0: a toxic waits for a writer that has ended, with the
// lock held that the writer needs).
type links struct {
	// address is the one listened on, the same after Refuse; onTo is where bytes go.
	address, onTo string
	// connected is called for each connection that a client has made.
	connected func()
	api       *toxiproxy.ApiServer
	toxics    *toxiproxy.ToxicCollection

	// changing keeps new links away while the fault changes. It guards the fields below.
	changing sync.Mutex
	kind     Kind
	listener net.Listener // nil for Refuse
	// accepting counts the loops that accept, pairs has the open connections.
	accepting sync.WaitGroup
	pairs     pairs
}

// newLinks listens on the address and passes connections on to the other.
func newLinks(listen, onTo string, connected func()) (*links, error) {
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &links{
		address: listen, onTo: onTo, connected: connected, api: api,
		// The proxy is never started: the collection wants it for its labels.
		toxics: toxiproxy.NewToxicCollection(toxiproxy.NewProxy(api, "s3front", listen, onTo)),
	}
	if err := l.listen(); err != nil {
		return nil, err
	}
	l.address = l.listener.Addr().String()
	return l, nil
}

func (l *links) listen() error {
	listener, err := net.Listen("tcp", l.address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s, is the address in use: %w", l.address, err)
	}
	l.listener = listener
	l.accepting.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			l.join(client.(*net.TCPConn))
		}
	})
	return nil
}

// join begins to move bytes for a new client.
func (l *links) join(client *net.TCPConn) {
	l.changing.Lock()
	defer l.changing.Unlock()
	l.connected()
	if l.kind == Reset || l.kind == Refuse {
		abort(client)
		return
	}
	server, err := net.Dial("tcp", l.onTo)
	if err != nil {
		abort(client)
		return
	}
	l.pairs.start(l.api, l.toxics, client, server.(*net.TCPConn))
}

// apply makes the fault, which may be the zero Fault for none, the only one that
// acts on connections.
func (l *links) apply(ctx context.Context, fault Fault) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	defer l.pairs.hurry()()
	if l.kind == Hang {
		// Bytes of theirs are lost: they cannot go on.
		l.pairs.reset()
	}
	l.kind = fault.Kind
	l.toxics.ResetToxics(ctx)
	for _, toxic := range toxicsOf(fault) {
		if _, err := l.toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			return fmt.Errorf("cannot break connections in the manner of %s: %w", fault, err)
		}
	}
	if fault.Kind == Refuse && l.listener != nil {
		l.listener.Close()
		l.listener = nil
	}
	if fault.Kind == Reset || fault.Kind == Refuse {
		l.pairs.reset()
	}
	if fault.Kind != Refuse && l.listener == nil {
		return l.listen()
	}
	return nil
}

// stop ends all connections and returns when nothing listens any more.
func (l *links) stop(ctx context.Context) error {
	err := l.apply(ctx, Fault{Kind: Refuse})
	l.accepting.Wait()
	return err
}
