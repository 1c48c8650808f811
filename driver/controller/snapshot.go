package controller

import (
	"context"
	"errors"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

const typeParameter = "type"

// CreateSnapshot makes a Snapshot of the source volume and returns once the data
// are cut, or once a backup of that is on its way. It may be repeated and then
// answers the same (C-20, C-30).
func (s *Server) CreateSnapshot(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	answer, err := s.createSnapshot(ctx, req)
	return answer, s.deviantError(err)
}

func (s *Server) createSnapshot(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	kind, err := s.snapshotType(req.GetParameters()[typeParameter])
	if err != nil {
		return nil, err
	}
	name, source := req.GetName(), req.GetSourceVolumeId()
	switch {
	case len(req.GetSecrets()) > 0 && s.deviations.Has(deviation.SnapshotSecretsRefused):
		return nil, status.Error(codes.InvalidArgument, "snapshots take no secrets")
	case name == "" && s.deviations.Has(deviation.SnapshotNameFirst):
		return nil, status.Error(codes.InvalidArgument, "Snapshot name must be provided")
	case source == "": // C-06 comes before C-07
		return nil, status.Error(codes.InvalidArgument, "Volume name must be provided")
	case name == "":
		return nil, status.Error(codes.InvalidArgument, "Snapshot name must be provided")
	}
	done, err := s.running.begin("snapshot " + snapshotName(name))
	if err != nil {
		return nil, err
	}
	defer done()
	return s.take(ctx, kind, req)
}

// take is the flow of the type that the class asks for.
func (s *Server) take(ctx context.Context, kind handle.Type, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	switch kind {
	case handle.Bak:
		return s.bak(ctx, req)
	case handle.Bi:
		return s.bi(ctx, req)
	}
	if s.deviations.Has(deviation.SnapshotOfWrongVolumeUnderLoad) {
		return s.cuts.share(req.GetSourceVolumeId(), func() (*csi.CreateSnapshotResponse, error) { return s.snap(ctx, req) })
	}
	return s.snap(ctx, req)
}

// snapshotType is the type that the class asks for (C-01 to C-05).
func (s *Server) snapshotType(text string) (handle.Type, error) {
	switch text {
	case "":
		if s.deviations.Has(deviation.BackupTypeDefaultSnap) {
			return handle.Snap, nil
		}
		return handle.Bak, nil
	case "bak", "bs":
		return handle.Bak, nil
	case "snap":
		return handle.Snap, nil
	case "bi":
		if s.contract.KnowsBackingImages() {
			return handle.Bi, nil
		}
	}
	if s.deviations.Has(deviation.TypeUnchecked) {
		return handle.Snap, nil
	}
	return "", status.Errorf(codes.InvalidArgument, `invalid CSI snapshot type: %s. Must be snap or bak or ""`, text)
}

// snap is the flow of contract 2.2.
func (s *Server) snap(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	volume, err := s.sourceVolume(ctx, req.GetSourceVolumeId())
	if err != nil {
		return nil, err
	}
	snapshot, repeated, err := s.cut(ctx, volume, req)
	if err != nil {
		return nil, err
	}
	return s.describe(snapshot, volume, repeated)
}

// sourceVolume returns the volume when snapshots of it can be taken.
func (s *Server) sourceVolume(ctx context.Context, name string) (*longhorn.Volume, error) {
	volume := &longhorn.Volume{}
	if err := s.get(ctx, name, volume); notThere(err) {
		return nil, status.Errorf(codes.NotFound, "volume %s not found", name)
	} else if err != nil {
		return nil, internal(ctx, "read volume "+name, err)
	}
	if volume.Status.Robustness == longhorn.VolumeRobustnessFaulted { // C-24
		return nil, status.Errorf(codes.Internal, "Action [snapshotCRList] not available on volume %s: it is faulted", name)
	}
	return volume, nil
}

// cut returns the ready Snapshot of the request's name, and whether it was ready before this call.
func (s *Server) cut(ctx context.Context, volume *longhorn.Volume, req *csi.CreateSnapshotRequest) (*longhorn.Snapshot, bool, error) {
	name := snapshotName(req.GetName())
	snapshot := &longhorn.Snapshot{}
	err := s.get(ctx, name, snapshot)
	if notThere(err) {
		snapshot, err = s.newSnapshot(ctx, volume, name, s.labels(req))
	}
	if err != nil {
		return nil, false, statusOr(err, internal(ctx, "create snapshot "+name, err))
	}
	if snapshot.Spec.Volume != volume.Name { // C-21
		code := codes.AlreadyExists
		if s.deviations.Has(deviation.NameConflictInternal) {
			code = codes.Internal
		}
		return nil, false, status.Errorf(code, "snapshot %s already exists for volume %s", name, snapshot.Spec.Volume)
	}
	repeated := snapshot.Status.ReadyToUse
	snapshot, err = s.awaitReady(ctx, snapshot)
	return snapshot, repeated, err
}

// newSnapshot creates the Snapshot object; the class parameters become its
// labels. One of the same name that appeared meanwhile is returned instead.
func (s *Server) newSnapshot(ctx context.Context, volume *longhorn.Volume, name string, labels map[string]string) (*longhorn.Snapshot, error) {
	switch {
	case volume.Spec.Standby && !s.deviations.Has(deviation.StandbyAccepted): // C-23
		return nil, status.Errorf(codes.Internal, "failed to create snapshot for standby volume %s", volume.Name)
	case volume.Spec.MigrationNodeID != "": // C-26
		return nil, status.Errorf(codes.Internal, "volume %s: cannot operate during migration", volume.Name)
	}
	if err := s.refuseDetached(volume); err != nil {
		return nil, err
	}
	snapshot := api.NewSnapshot(volume, name, labels)
	err := s.client.Create(ctx, snapshot)
	if apierrors.IsAlreadyExists(err) {
		err = s.get(ctx, name, snapshot)
	}
	return snapshot, err
}

// refuseDetached is C-22: up to 1.4 the source must be attached.
func (s *Server) refuseDetached(volume *longhorn.Volume) error {
	needed := s.contract.NeedsAttachedSource()
	if needed && s.deviations.Has(deviation.DetachedAccepted) {
		needed = false
	}
	if !needed && s.deviations.Has(deviation.DetachedRefused) {
		needed = true
	}
	if needed && volume.Status.State != longhorn.VolumeStateAttached {
		return status.Errorf(codes.FailedPrecondition, "volume %s must be attached to take a snapshot of it: its state is %s", volume.Name, volume.Status.State)
	}
	return nil
}

// errNotTaken is returned when the node says why it cannot take the snapshot.
var errNotTaken = errors.New("the node could not take it")

// awaitReady waits until the data are cut (2.2 step 4 and 5), or until the node
// says why it cannot cut them: the caller tries again anyway, and to wait on would
// only keep the reason from it.
func (s *Server) awaitReady(ctx context.Context, snapshot *longhorn.Snapshot) (*longhorn.Snapshot, error) {
	if !snapshot.DeletionTimestamp.IsZero() {
		return nil, status.Errorf(codes.Aborted, "snapshot %s of the same name is still being deleted", snapshot.Name)
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	ready, err := s.awaitSnapshot(waiting, snapshot, func(found *longhorn.Snapshot) (bool, error) {
		if !found.DeletionTimestamp.IsZero() {
			return false, errGone
		}
		if !found.Status.ReadyToUse && found.Status.Error != "" {
			return false, errNotTaken
		}
		return found.Status.ReadyToUse, nil
	})
	switch {
	case err == nil:
		return ready, nil
	case errors.Is(err, errGone):
		return nil, status.Errorf(codes.Internal, "waitForSnapshotToBeReady: snapshot %s or its volume was deleted meanwhile", snapshot.Name)
	case errors.Is(err, errNotTaken):
		return nil, status.Errorf(codes.Internal, "waitForSnapshotToBeReady: snapshot %s: %s", snapshot.Name, ready.Status.Error)
	case ctx.Err() == nil && waiting.Err() != nil:
		return nil, status.Errorf(codes.Internal, "waitForSnapshotToBeReady: timeout while waiting for snapshot %s", snapshot.Name)
	default:
		return nil, internal(ctx, "waitForSnapshotToBeReady: "+snapshot.Name, err)
	}
}

// describe is the answer for a ready Snapshot (2.2 step 6).
func (s *Server) describe(snapshot *longhorn.Snapshot, volume *longhorn.Volume, repeated bool) (*csi.CreateSnapshotResponse, error) {
	created, err := time.Parse(time.RFC3339, snapshot.Status.CreationTime)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "snapshot %s has no readable creation time: %v", snapshot.Name, err)
	}
	if s.deviations.Has(deviation.CreationTimeEpoch) {
		created = time.Unix(0, 0)
	}
	if repeated && s.deviations.Has(deviation.CreateSnapshotAgainNewTime) {
		created = metav1.Now().Time
	}
	id := handle.NewSnap(snapshot.Spec.Volume, snapshot.Name)
	if s.deviations.Has(deviation.HandleSwapped) {
		id.Volume, id.ID = id.ID, id.Volume
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: id.String(), SourceVolumeId: volume.Name, SizeBytes: snapshot.Status.RestoreSize,
		CreationTime: timestamppb.New(created), ReadyToUse: true,
	}}, nil
}
