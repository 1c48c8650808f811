package controller

import (
	"context"
	"strconv"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// fromBackup checks a restore from bak://volume/backup (contract 4.4). The
// source volume, its claim and its cluster may be gone.
func (s *Server) fromBackup(ctx context.Context, text string, from handle.Handle, size int64) (origin, error) {
	if s.deviations.Has(deviation.RestoreLegacyRefused) && strings.HasPrefix(text, "bs://") {
		return origin{}, status.Errorf(codes.InvalidArgument, "invalid CSI snapshot type: bs. Must be snap, bak or bi")
	}
	if s.deviations.Has(deviation.RestoreNeedsSource) {
		if err := s.get(ctx, from.Volume, &longhorn.Volume{}); err != nil {
			return origin{}, internal(ctx, "read the source of the backup", err)
		}
	}
	if err := s.backupVolumeExists(ctx, from, text); err != nil {
		return origin{}, err
	}
	backup := &longhorn.Backup{}
	err := s.get(ctx, from.ID, backup)
	if foreign := err == nil && api.VolumeOfBackup(backup) != from.Volume && !s.deviations.Has(deviation.ForeignBackupHandle); notThere(err) || foreign { // H-19, H-20
		if s.deviations.Has(deviation.RestoreMissingBackupEmpty) {
			return origin{}, nil
		}
		return origin{}, status.Errorf(codes.NotFound, "failed to restore CSI snapshot %s: failed to get backup %s: volume %s has no such backup", text, from.ID, from.Volume)
	}
	if err != nil {
		return origin{}, internal(ctx, "read backup "+from.ID, err)
	}
	return s.checkBackup(backup, text, size)
}

// backupVolumeExists is H-18: some target must have backups of the volume.
func (s *Server) backupVolumeExists(ctx context.Context, from handle.Handle, text string) error {
	var list longhorn.BackupVolumeList
	err := s.client.List(ctx, &list, client.InNamespace(s.namespace), client.MatchingLabels{api.BackupVolumeLabel: from.Volume})
	if err != nil {
		return internal(ctx, "list the backup volumes of "+from.Volume, err)
	}
	if len(list.Items) == 0 && !s.deviations.Has(deviation.RestoreMissingBackupEmpty) {
		return status.Errorf(codes.NotFound, "failed to restore CSI snapshot %s of volume %s: there is no backup volume", text, from.Volume)
	}
	return nil
}

// checkBackup refuses a backup whose data are not all in the store, and
// one of a volume that is larger than the request.
func (s *Server) checkBackup(backup *longhorn.Backup, text string, size int64) (origin, error) {
	if backup.Status.URL == "" || backup.Status.State != longhorn.BackupStateCompleted || !backup.DeletionTimestamp.IsZero() {
		if s.deviations.Has(deviation.UnfinishedBackupRestoresEmpty) {
			return origin{}, nil
		}
		code := codes.Aborted // the claim is tried again and is Bound when the backup is complete
		if api.BackupFinal(backup) || !backup.DeletionTimestamp.IsZero() {
			code = codes.FailedPrecondition
		}
		return origin{}, status.Errorf(code, "failed to restore CSI snapshot %s: backup %s is not complete, its state is %q", text, backup.Name, backup.Status.State)
	}
	of, err := strconv.ParseInt(backup.Status.VolumeSize, 10, 64)
	if err != nil {
		return origin{}, status.Errorf(codes.Internal, "backup %s does not say how large its volume was", backup.Name)
	}
	from := origin{backup: backup.Status.URL, mode: longhorn.AccessMode(backup.Status.Labels[api.AccessModeLabel])}
	switch {
	case size < of && !s.deviations.Has(deviation.RestoreBackupSmaller):
		return origin{}, status.Errorf(codes.OutOfRange, "failed to restore CSI snapshot %s: requested size %d is smaller than the backup's volume, which has %d bytes", text, size, of)
	case s.deviations.Has(deviation.BackupSizeKept):
		from.size = of
	}
	return from, nil
}

// fromURL checks a restore from the StorageClass parameter fromBackup.
func (s *Server) fromURL(ctx context.Context, text string, size int64) (origin, error) {
	address, err := api.ParseBackupURL(text)
	if err != nil {
		return origin{}, status.Errorf(codes.InvalidArgument, "invalid parameter fromBackup: %v", err)
	}
	return s.fromBackup(ctx, text, handle.NewBak(address.Volume, address.Backup), size)
}

// followBackup gives the volume the access mode that the contract's release lets
// it have: up to 1.10 a claim for one node gets what the backup names.
func (s *Server) followBackup(spec *longhorn.VolumeSpec, from origin) {
	switch {
	case from.backup == "":
	case s.deviations.Has(deviation.RestoreAccessModeIgnored):
		spec.AccessMode = longhorn.AccessModeReadWriteOnce
	case !s.contract.ClaimDecidesAccessMode() && spec.AccessMode == longhorn.AccessModeReadWriteOnce && from.mode != "":
		spec.AccessMode = from.mode
	}
}
