package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	spec "github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"

	"github.com/muster-csi/muster/framework/csi"
)

// attach attaches a volume for its snapshots where the release takes none of a detached one (clauses C-22, C-36).
// It may be called again; a volume that does not exist is left to whoever asks for its snapshot.
func (d *Direct) attach(ctx context.Context, volume string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.attached[volume] || d.env.Follows("1.5") {
		return nil
	}
	sockets, err := d.env.Target.Sockets(ctx)
	if err != nil {
		return err
	}
	_, err = csi.Call[*spec.ControllerPublishVolumeResponse](ctx, d.conn,
		&spec.ControllerPublishVolumeRequest{VolumeId: volume, NodeId: sockets.Node, VolumeCapability: csi.OneWriter()})
	switch {
	case csi.Status(err).Code() == codes.NotFound:
		return nil
	case err != nil:
		return fmt.Errorf("attach volume %s for a snapshot: %w", volume, err)
	}
	if d.attached == nil {
		d.attached = map[string]bool{}
	}
	d.attached[volume] = true
	return nil
}

// detach detaches what attach has attached, since no driver deletes a volume in use.
func (d *Direct) detach(ctx context.Context) error {
	var failures []error
	for _, volume := range slices.Sorted(maps.Keys(d.attached)) {
		failures = append(failures, d.delete(ctx, "the attachment of volume "+volume, &spec.ControllerUnpublishVolumeRequest{VolumeId: volume}))
	}
	return errors.Join(failures...)
}
