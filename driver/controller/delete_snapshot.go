package controller

import (
	"context"
	"errors"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// DeleteSnapshot asks for the deletion of a Snapshot and does not wait for it
// (D-04). What is missing counts as deleted (D-05, D-06).
func (s *Server) DeleteSnapshot(ctx context.Context, req *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	text := req.GetSnapshotId()
	if text == "" && s.deviations.Has(deviation.DeleteEmptyHandle) {
		return &csi.DeleteSnapshotResponse{}, nil
	}
	if text == "" {
		return nil, status.Error(codes.InvalidArgument, "missing snapshot id in request")
	}
	if image, named := handle.ImageName(text); named && s.contract.KnowsBackingImages() {
		return s.deleteImage(ctx, image)
	}
	parsed, err := s.parse(text)
	if err != nil {
		return s.deleteMalformed(text, err)
	}
	done, err := s.running.begin("snapshot " + parsed.ID)
	if err != nil {
		return nil, err
	}
	defer done()
	switch {
	case parsed.Type == handle.Bak:
		err = s.deleteBak(ctx, parsed)
	case !s.deviations.Has(deviation.DeleteLeaksSnapshot):
		err = s.deleteSnap(ctx, parsed)
	}
	if err != nil {
		return nil, err
	}
	return &csi.DeleteSnapshotResponse{}, nil
}

// deleteImage is DeleteSnapshot for a backing image.
func (s *Server) deleteImage(ctx context.Context, name string) (*csi.DeleteSnapshotResponse, error) {
	done, err := s.running.begin("snapshot " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.deleteBi(ctx, name); err != nil {
		return nil, err
	}
	return &csi.DeleteSnapshotResponse{}, nil
}

// deleteMalformed answers for what is no handle. Text without a scheme can never
// have been one of ours, so nothing is there to delete; anything else may mean a
// snapshot that would be leaked by an OK (D-02).
func (s *Server) deleteMalformed(text string, err error) (*csi.DeleteSnapshotResponse, error) {
	var refused *handle.Error
	if errors.As(err, &refused) && refused.Reason == handle.NotFound && !s.deviations.Has(deviation.DeleteEmptyHandle) { // D-03
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if !handle.HasScheme(text) || s.deviations.Has(deviation.SilentDelete) || s.deviations.Has(deviation.DeleteEmptyHandle) {
		return &csi.DeleteSnapshotResponse{}, nil
	}
	return nil, status.Error(codes.InvalidArgument, err.Error())
}

// stuck is the quirk of D-09. Without it, and for a volume that is sound or gone, it is nil.
func (s *Server) stuck(ctx context.Context, name string) error {
	volume := &longhorn.Volume{}
	if !s.deviations.Has(deviation.StuckSnapshotKept) || s.get(ctx, name, volume) != nil {
		return nil
	}
	switch {
	case volume.Status.Robustness == longhorn.VolumeRobustnessFaulted:
		return status.Errorf(codes.Internal, "Action [snapshotCRDelete] not available on volume %s: it is faulted", name)
	case volume.Spec.Standby:
		return status.Errorf(codes.Internal, "failed to delete snapshot for standby volume %s", name)
	}
	return nil
}

func (s *Server) deleteSnap(ctx context.Context, target handle.Handle) error {
	if err := s.stuck(ctx, target.Volume); err != nil {
		return err
	}
	snapshot := &longhorn.Snapshot{}
	err := s.get(ctx, target.ID, snapshot)
	if missing := notThere(err) || (err == nil && snapshot.Spec.Volume != target.Volume); missing {
		if s.deviations.Has(deviation.DeleteMissingFails) {
			return status.Errorf(codes.Internal, "delete snapshot %s: not found", target)
		}
		return nil
	}
	if err != nil {
		return internal(ctx, "read snapshot "+target.ID, err)
	}
	if err := client.IgnoreNotFound(s.client.Delete(ctx, snapshot)); err != nil {
		return internal(ctx, "delete snapshot "+target.ID, err)
	}
	return nil
}

// deleteBak deletes the Backup of that volume. Its snapshot stays, unless a
// setting says otherwise (D-07, D-08, D-24).
func (s *Server) deleteBak(ctx context.Context, target handle.Handle) error {
	if s.deviations.Has(deviation.BackupDeleteIgnored) {
		return nil
	}
	if err := s.needTargets(ctx); err != nil {
		return err
	}
	backup := &longhorn.Backup{}
	err := s.get(ctx, target.ID, backup)
	if missing := notThere(err) || (err == nil && api.VolumeOfBackup(backup) != target.Volume); missing {
		if s.deviations.Has(deviation.BackupDeleteMissingFails) {
			return status.Errorf(codes.Internal, "delete backup %s: not found", target)
		}
		return nil
	}
	if err != nil {
		return internal(ctx, "read backup "+target.ID, err)
	}
	if err := client.IgnoreNotFound(s.client.Delete(ctx, backup)); err != nil {
		return internal(ctx, "delete backup "+target.ID, err)
	}
	return nil
}

// needTargets is BackupDeleteNeedsTarget: nothing is deleted while a target has no URL. Without the defect it is nil.
func (s *Server) needTargets(ctx context.Context) error {
	var list longhorn.BackupTargetList
	if !s.deviations.Has(deviation.BackupDeleteNeedsTarget) || s.client.List(ctx, &list, client.InNamespace(s.namespace)) != nil {
		return nil
	}
	for i := range list.Items {
		if list.Items[i].Spec.BackupTargetURL == "" {
			return status.Errorf(codes.Internal, "backup target %s is not set", list.Items[i].Name)
		}
	}
	return nil
}
