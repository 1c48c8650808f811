package s3front

import (
	"encoding/json"
	"net"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/stream"
)

// stalled is how long a peer that takes no data can keep a fault from changing.
// After that its connection is closed.
const stalled = 5 * time.Second

// pair is a client's connection and the one that its bytes go to and come from.
type pair struct {
	client, server *net.TCPConn
	// links are the two directions, done when both have ended.
	links sync.WaitGroup
}

// reset breaks both connections with a TCP RST.
func (p *pair) reset() {
	abort(p.client)
	abort(p.server)
}

func abort(c *net.TCPConn) {
	_ = c.SetLinger(0) // fails on a connection that is closed already
	c.Close()
}

// end is one of the connections as toxiproxy writes to it. It takes everything,
// also when the peer has gone: a link comes to its end by its reader only, so that
// nothing in it ever waits for a writer that has ended.
type end struct {
	pair *pair
	conn *net.TCPConn
}

func (e end) Write(data []byte) (int, error) {
	if _, err := e.conn.Write(data); err != nil {
		e.conn.Close() // which the link in the other direction notices, and ends
	}
	return len(data), nil
}

// Close is called once, when the link that writes here has ended.
func (e end) Close() error {
	defer e.pair.links.Done()
	return e.conn.Close()
}

// pairs are those that are open. The zero value is ready for use.
type pairs struct {
	mutex sync.Mutex
	open  map[*pair]bool
}

// start links client and server until one of them closes.
func (p *pairs) start(api *toxiproxy.ApiServer, toxics *toxiproxy.ToxicCollection, client, server *net.TCPConn) {
	added := &pair{client: client, server: server}
	added.links.Add(2)
	p.mutex.Lock()
	if p.open == nil {
		p.open = map[*pair]bool{}
	}
	p.open[added] = true
	p.mutex.Unlock()
	name := client.RemoteAddr().String()
	toxics.StartLink(api, name+" up", client, end{added, server}, stream.Upstream)
	toxics.StartLink(api, name+" down", server, end{added, client}, stream.Downstream)
	go func() {
		added.links.Wait()
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.open, added)
	}()
}

func (p *pairs) list() []*pair {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var all []*pair
	for pair := range p.open {
		all = append(all, pair)
	}
	return all
}

// resetOf breaks the pair whose server's end has the remote address.
func (p *pairs) resetOf(remote string) {
	for _, pair := range p.list() {
		if pair.server.LocalAddr().String() == remote {
			pair.reset()
		}
	}
}

// reset breaks every connection and returns when no link is left.
func (p *pairs) reset() {
	all := p.list()
	for _, pair := range all {
		pair.reset()
	}
	for _, pair := range all {
		pair.links.Wait()
	}
}

// hurry limits how long writing may take from now on until relax is called.
func (p *pairs) hurry() (relax func()) {
	all := p.list()
	limit := func(t time.Time) {
		for _, pair := range all {
			_ = pair.client.SetWriteDeadline(t) // fails on a connection that is closed already
			_ = pair.server.SetWriteDeadline(t)
		}
	}
	limit(time.Now().Add(stalled))
	return func() { limit(time.Time{}) }
}

// toxicsOf are the fault's toxics in toxiproxy's form, one for each direction.
func toxicsOf(fault Fault) []string {
	var kind string
	attributes := map[string]int64{}
	switch fault.Kind {
	case Slow:
		kind, attributes["rate"] = "bandwidth", fault.KilobytesPerSecond
	case Hang:
		kind, attributes["timeout"] = "timeout", 0 // never: the connection stays open
	default:
		return nil
	}
	var out []string
	for _, direction := range []string{"upstream", "downstream"} {
		toxic := map[string]any{"name": direction, "type": kind, "stream": direction, "attributes": attributes}
		text, _ := json.Marshal(toxic) // strings and numbers always have a JSON form
		out = append(out, string(text))
	}
	return out
}
