package backupstore

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/muster-csi/muster/framework/kube"
)

// tunnel is a port-forward to a pod of the store that is opened again when it has
// broken off, as they do under load.
type tunnel struct {
	ctx  context.Context // ends the forward
	kube *kube.Client
	// find returns the pod, nil when there is none.
	find func(context.Context) (*podPort, error)

	mutex   sync.Mutex
	address string
	stop    func()
}

// option makes a client's transport go through the tunnel until close is called.
func (t *tunnel) option() (option func(*http.Transport), close func()) {
	var transport *http.Transport
	return func(of *http.Transport) {
			transport = of
			of.Proxy = nil // the way leads over this machine's own address
			of.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) { return t.dial(ctx, network) }
		}, func() {
			if transport != nil {
				transport.CloseIdleConnections()
			}
			t.close()
		}
}

// dial connects through the tunnel, through a new one when the old is broken.
func (t *tunnel) dial(ctx context.Context, network string) (net.Conn, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.stop != nil {
		connection, err := new(net.Dialer).DialContext(ctx, network, t.address)
		if err == nil {
			return connection, nil
		}
		t.stop()
		t.stop = nil
	}
	behind, err := t.find(ctx)
	if err == nil && behind == nil {
		err = errors.New("the Service of the backupstore is gone")
	}
	if err != nil {
		return nil, err
	}
	if t.address, t.stop, err = t.kube.Forward(t.ctx, behind.namespace, behind.pod, behind.port); err != nil {
		t.stop = nil
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, t.address)
}

func (t *tunnel) close() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
}
