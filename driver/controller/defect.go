package controller

import (
	"context"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/deviation"
)

// sharedCuts is the wrong optimisation of SnapshotOfWrongVolumeUnderLoad: calls
// that arrive while a cut of the same volume runs take its result.
type sharedCuts struct {
	mu      sync.Mutex
	current map[string]*sharedCut
}

type sharedCut struct {
	done     chan struct{}
	response *csi.CreateSnapshotResponse
	err      error
}

func (c *sharedCuts) share(volume string, cut func() (*csi.CreateSnapshotResponse, error)) (*csi.CreateSnapshotResponse, error) {
	c.mu.Lock()
	if running, found := c.current[volume]; found {
		c.mu.Unlock()
		<-running.done
		return running.response, running.err
	}
	mine := &sharedCut{done: make(chan struct{})}
	if c.current == nil {
		c.current = map[string]*sharedCut{}
	}
	c.current[volume] = mine
	c.mu.Unlock()
	mine.response, mine.err = cut()
	c.mu.Lock()
	delete(c.current, volume)
	c.mu.Unlock()
	close(mine.done)
	return mine.response, mine.err
}

// refuseWithSnapshots is SourceDeleteRefused; without it nothing is refused.
func (s *Server) refuseWithSnapshots(ctx context.Context, volume string) error {
	if !s.deviations.Has(deviation.SourceDeleteRefused) {
		return nil
	}
	var snapshots longhorn.SnapshotList
	if err := s.client.List(ctx, &snapshots, client.InNamespace(s.namespace)); err != nil {
		return internal(ctx, "list snapshots", err)
	}
	for i := range snapshots.Items {
		if snapshots.Items[i].Spec.Volume == volume {
			return status.Errorf(codes.FailedPrecondition, "volume %s still has snapshot %s", volume, snapshots.Items[i].Name)
		}
	}
	return nil
}
