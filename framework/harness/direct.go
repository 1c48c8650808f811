package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	spec "github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/protobuf/proto"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilrand "k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Direct speaks CSI to the driver in the name of one spec, and removes what the spec has made that way.
type Direct struct {
	env    *Env
	conn   *csi.Conn
	prefix string

	mutex   sync.Mutex
	volumes []string
	handles []string
	// attached are the volumes that were attached for snapshots.
	attached map[string]bool
}

// Direct returns the spec's way to the driver's CSI sockets.
func (e *Env) Direct(ctx context.Context) (*Direct, error) {
	conn, err := e.CSI(ctx)
	if err != nil {
		return nil, err
	}
	direct := &Direct{env: e, conn: conn, prefix: "csi-" + utilrand.String(8)}
	e.OnCleanup(direct.remove)
	return direct, e.annotate(ctx, directAnnotation, direct.prefix)
}

// Name is a name for a volume of the spec, which is deleted when the spec ends, whoever made it. It is one that
// the driver need not change: lower case, and no longer than 40 characters as long as the suffix has at most 27.
func (d *Direct) Name(suffix string) string {
	name := d.prefix + "-" + suffix
	d.made(name)
	return name
}

// made notes a volume for the end of the spec.
func (d *Direct) made(volume string) {
	d.mutex.Lock()
	d.volumes = append(d.volumes, volume)
	d.mutex.Unlock()
	d.env.mutex.Lock()
	d.env.gone = append(d.env.gone, volume)
	d.env.mutex.Unlock()
}

// SnapshotName is a name for a snapshot of the spec, in the form that the sidecar gives one.
func (d *Direct) SnapshotName(suffix string) string { return "snapshot-" + d.prefix + "-" + suffix }

// Volume makes an empty volume of that many MiB.
func (d *Direct) Volume(ctx context.Context, suffix string, mib int64) (*spec.Volume, error) {
	return d.Make(ctx, csi.NewVolume(d.Name(suffix), mib<<20))
}

// Make sends a request for a volume, which is deleted when the spec ends.
func (d *Direct) Make(ctx context.Context, request *spec.CreateVolumeRequest) (*spec.Volume, error) {
	answer, err := csi.Call[*spec.CreateVolumeResponse](ctx, d.conn, request)
	if err != nil {
		return nil, fmt.Errorf("make volume %s: %w", request.GetName(), err)
	}
	d.made(answer.GetVolume().GetVolumeId())
	return answer.GetVolume(), nil
}

// Snapshot sends a request for a snapshot, which is deleted when the spec ends.
func (d *Direct) Snapshot(ctx context.Context, request *spec.CreateSnapshotRequest) (*spec.Snapshot, error) {
	if err := d.attach(ctx, request.GetSourceVolumeId()); err != nil {
		return nil, err
	}
	answer, err := csi.Call[*spec.CreateSnapshotResponse](ctx, d.conn, request)
	if err != nil {
		return nil, fmt.Errorf("make snapshot %s of volume %s: %w", request.GetName(), request.GetSourceVolumeId(), err)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.handles = append(d.handles, answer.GetSnapshot().GetSnapshotId())
	return answer.GetSnapshot(), nil
}

// Conn is the connection itself, for requests that make nothing.
func (d *Direct) Conn() *csi.Conn { return d.conn }

// Check sends all requests of the table, several at a time, and returns every answer that is not as it must be.
func (d *Direct) Check(ctx context.Context, cases ...csi.Case) error { return d.conn.Check(ctx, cases) }

// CheckInTurn is Check for requests about the same volume or snapshot, of which a driver may refuse the second
// while the first is under way. It ends at the first answer that is not as it must be.
func (d *Direct) CheckInTurn(ctx context.Context, cases ...csi.Case) error {
	for _, each := range cases {
		if err := d.conn.Check(ctx, []csi.Case{each}); err != nil {
			return err
		}
	}
	return nil
}

// Exists says whether the driver has a volume of that name.
func (d *Direct) Exists(ctx context.Context, name string) (bool, error) {
	_, err := longhorn.Volume(ctx, d.env.Client, name)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// remove deletes snapshots before volumes, because some drivers keep a volume that has any, and images after
// volumes, because every driver keeps an image that a volume begins with.
func (d *Direct) remove(ctx context.Context) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	var failures []error
	deleteHandles := func(images bool) {
		slices.Sort(d.handles) // a repeated request has answered the same
		for _, handle := range slices.Compact(d.handles) {
			if strings.HasPrefix(handle, "bi://") == images {
				failures = append(failures, d.delete(ctx, "snapshot "+handle, &spec.DeleteSnapshotRequest{SnapshotId: handle}))
			}
		}
	}
	deleteHandles(false)
	failures = append(failures, d.detach(ctx))
	slices.Sort(d.volumes)
	for _, volume := range slices.Compact(d.volumes) {
		failures = append(failures, d.delete(ctx, "volume "+volume, &spec.DeleteVolumeRequest{VolumeId: volume}))
		failures = append(failures, UntilGone(ctx, d.env.Cluster, longhorn.VolumeNamed(volume), timeouts.VolumeDeleted))
	}
	deleteHandles(true)
	return errors.Join(failures...)
}

func (d *Direct) delete(ctx context.Context, what string, request proto.Message) error {
	if err := d.conn.Check(ctx, []csi.Case{{Name: "after the spec", Request: request}}); err != nil {
		return fmt.Errorf("remove %s: %w", what, err)
	}
	return nil
}

// CompleteBackup sends the request for a backup until that is complete, as the sidecar does, and returns its handle.
func (e *Env) CompleteBackup(ctx context.Context, driver *Direct, request *spec.CreateSnapshotRequest) (handle string, err error) {
	var last *spec.Snapshot
	budget := timeouts.BackupReady
	err = wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		if last, err = driver.Snapshot(ctx, request); err != nil {
			return false, err
		}
		return last.GetReadyToUse(), nil
	})
	if err != nil {
		return "", fmt.Errorf("waited %s (timeouts.%s) for the backup %s to be complete, last answer %v: %w", budget.Limit, budget.Name, request.GetName(), last, err)
	}
	return last.GetSnapshotId(), nil
}
