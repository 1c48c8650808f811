package node

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// oneCallPerVolume holds the invariant that at most one call changes the
// mounts of a volume at a time. The CSI specification wants a second one to be
// answered with ABORTED at once; the kubelet tries again.
type oneCallPerVolume struct {
	mu      sync.Mutex
	volumes map[string]struct{}
}

// enter returns what ends the call, or Aborted.
func (b *oneCallPerVolume) enter(id string) (leave func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.volumes[id]; ok {
		return nil, status.Errorf(codes.Aborted, "another call for volume %s is still running", id)
	}
	if b.volumes == nil {
		b.volumes = make(map[string]struct{})
	}
	b.volumes[id] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.volumes, id)
	}, nil
}
