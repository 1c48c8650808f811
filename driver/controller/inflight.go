package controller

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// inflight holds the invariant that at most one call works on a key. The CSI
// specification lets a driver answer Aborted to a second one.
type inflight struct {
	mu   sync.Mutex
	keys map[string]struct{}
}

// begin claims the key; done gives it back. A claimed key is an Aborted error.
func (f *inflight) begin(key string) (done func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, busy := f.keys[key]; busy {
		return nil, status.Errorf(codes.Aborted, "an earlier call for %s is still running: try again when it has ended", key)
	}
	if f.keys == nil {
		f.keys = map[string]struct{}{}
	}
	f.keys[key] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.keys, key)
	}, nil
}
