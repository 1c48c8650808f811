package controller

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// beginBudget is how long a call waits for a new backup to be taken up (2.3 step 8).
const beginBudget = 30 * time.Second

// backupModeParameter is the class parameter that asks for a full backup (C-31).
const backupModeParameter = "backupMode"

// bak is the flow of contract 2.3. Nothing of it waits for the upload: the
// sidecar asks again until the backup is complete (S-02).
func (s *Server) bak(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	name, source := snapshotName(req.GetName()), req.GetSourceVolumeId()
	found, err := s.backupOf(ctx, source, name)
	if err != nil {
		return nil, err
	}
	if found != nil {
		if err := s.refuseRunning(found); err != nil {
			return nil, err
		}
		return s.answer(found, source)
	}
	volume, err := s.sourceVolume(ctx, source)
	if err != nil {
		return nil, err
	}
	if err := s.refuseBackup(ctx, volume); err != nil {
		return nil, err
	}
	mode, err := s.backupMode(req.GetParameters())
	snapshot, _, cutErr := s.cut(ctx, volume, req)
	if err := cmp.Or(cutErr, err); err != nil { // a wrong mode is refused after the snapshot was taken
		return nil, err
	}
	if err := s.refuseLabels(req.GetParameters()); err != nil {
		return nil, err
	}
	if other := s.unfinishedBackup(ctx, source); other != nil {
		return s.answer(other, source)
	}
	backup := api.NewBackup(volume, api.NewBackupName(), snapshot.Name, mode, req.GetParameters())
	if err := s.client.Create(ctx, backup); err != nil {
		return nil, internal(ctx, "create backup of snapshot "+snapshot.Name, err)
	}
	if backup, err = s.awaitTaken(ctx, backup); err != nil {
		return nil, err
	}
	return s.answer(backup, source)
}

// backupOf returns the backup that an earlier call made under this name, nil
// when there is none. Only one in the volume's present target counts while there is a volume (C-37).
func (s *Server) backupOf(ctx context.Context, volume, snapshot string) (*longhorn.Backup, error) {
	var list longhorn.BackupList
	err := s.client.List(ctx, &list, client.InNamespace(s.namespace), client.MatchingLabels{api.BackupVolumeLabel: volume})
	if err != nil {
		return nil, internal(ctx, "list the backups of volume "+volume, err)
	}
	target := "" // of a volume that is gone, any counts
	present := &longhorn.Volume{}
	if err := s.get(ctx, volume, present); err == nil {
		target = api.BackupTargetOf(present)
	}
	var found *longhorn.Backup
	for i := range list.Items {
		backup := &list.Items[i]
		named := backup.Spec.SnapshotName == snapshot || backup.Status.SnapshotName == snapshot
		if named && found == nil && (target == "" || backup.Labels[api.BackupTargetLabel] == target) {
			found = backup
		}
	}
	if found != nil && s.deviations.Has(deviation.BackupAnotherEachTime) && found.Status.State != longhorn.BackupStateCompleted {
		return nil, nil
	}
	return found, nil
}

// unfinishedBackup is BackupMixedUp: any backup of the volume that is under way. Without the defect it is nil.
func (s *Server) unfinishedBackup(ctx context.Context, volume string) *longhorn.Backup {
	var list longhorn.BackupList
	if !s.deviations.Has(deviation.BackupMixedUp) || s.client.List(ctx, &list, client.InNamespace(s.namespace), client.MatchingLabels{api.BackupVolumeLabel: volume}) != nil {
		return nil
	}
	for i := range list.Items {
		if !api.BackupFinal(&list.Items[i]) {
			return &list.Items[i]
		}
	}
	return nil
}

// refuseBackup is what stands in the way of a backup before anything is made (C-32, C-35, C-36).
func (s *Server) refuseBackup(ctx context.Context, volume *longhorn.Volume) error {
	switch {
	case volume.Spec.Standby && !s.deviations.Has(deviation.StandbyAccepted): // C-35
		return status.Errorf(codes.Internal, "failed to create backup for standby volume %s", volume.Name)
	case s.deviations.Has(deviation.BackupDetachedRefused) && volume.Status.State != longhorn.VolumeStateAttached:
		return status.Errorf(codes.FailedPrecondition, "volume %s must be attached to take a backup of it", volume.Name)
	case !s.contract.ChecksBackupTarget() || s.deviations.Has(deviation.BackupWithoutTarget):
		return nil
	}
	name := api.BackupTargetOf(volume)
	target := &longhorn.BackupTarget{}
	if err := s.get(ctx, name, target); notThere(err) {
		return status.Errorf(codes.NotFound, "backup target %s not found", name)
	} else if err != nil {
		return internal(ctx, "read backup target "+name, err)
	}
	if target.Spec.BackupTargetURL == "" {
		return status.Errorf(s.targetCode(), "backup target %s is not available: it has no URL; set spec.backupTargetURL", name)
	}
	if !target.Status.Available {
		condition, _ := api.Condition(target.Status.Conditions, longhorn.BackupTargetConditionTypeUnavailable)
		return status.Errorf(s.targetCode(), "backup target %s is not available: %s", name, cmp.Or(condition.Message, "it was not looked at yet"))
	}
	return nil
}

// backupMode is the mode that the class asks for (C-31).
func (s *Server) backupMode(parameters map[string]string) (longhorn.BackupMode, error) {
	mode := longhorn.BackupMode(parameters[backupModeParameter])
	switch {
	case !s.contract.HasBackupMode() || mode == "":
		return longhorn.BackupModeIncremental, nil
	case mode == longhorn.BackupModeFull || mode == longhorn.BackupModeIncremental:
		return mode, nil
	case s.deviations.Has(deviation.BackupModeUnchecked):
		return longhorn.BackupModeIncremental, nil
	}
	return "", status.Errorf(codes.Internal, "BackupMode %s is not a valid option: use full or incremental", mode)
}

// reservedLabels are the names of labels that Longhorn writes itself (C-12).
var reservedLabels = []string{"KubernetesStatus", "ranchervm-base-image"}

// refuseLabels is the quirks of C-10, C-11 and C-12. Without them it is nil.
func (s *Server) refuseLabels(parameters map[string]string) error {
	for key, value := range parameters {
		switch wrong := validation.IsQualifiedName(key); {
		case value == "" && s.deviations.Has(deviation.EmptyBackupLabelRefused):
			return status.Errorf(codes.Internal, "value for label with key %s cannot be empty", key)
		case slices.Contains(reservedLabels, key) && s.deviations.Has(deviation.ReservedBackupLabelRefused):
			return status.Errorf(codes.Internal, "label with key %s is reserved", key)
		case len(wrong) > 0 && s.deviations.Has(deviation.UnqualifiedBackupLabelRefused):
			return status.Errorf(codes.Internal, "at least one error encountered while validating backup label with key %s: %s", key, strings.Join(wrong, "; "))
		}
	}
	return nil
}

// errFailed ends the wait for a backup that failed at once.
var errFailed = errors.New("the backup failed")

// awaitTaken waits until the node has noted when the data were cut (2.3 step 8).
func (s *Server) awaitTaken(ctx context.Context, backup *longhorn.Backup) (*longhorn.Backup, error) {
	waiting, cancel := context.WithTimeout(ctx, beginBudget)
	defer cancel()
	taken, err := s.awaitBackup(waiting, backup, func(found *longhorn.Backup) (bool, error) {
		if found.Status.State == longhorn.BackupStateError {
			return false, errFailed
		}
		return found.Status.SnapshotCreatedAt != "", nil
	})
	switch {
	case err == nil, errors.Is(err, errFailed):
		return taken, nil
	case errors.Is(err, errGone):
		return nil, status.Errorf(codes.Internal, "backup %s was deleted meanwhile", backup.Name)
	case ctx.Err() == nil && waiting.Err() != nil && s.contract.ToleratesSlowBackup():
		return taken, nil
	}
	return nil, notInTime(ctx, waiting, "wait for backup "+backup.Name+" to be taken up", err)
}

// answer is what CreateSnapshot says of a Backup (2.3 steps 2, 3 and 9).
func (s *Server) answer(backup *longhorn.Backup, volume string) (*csi.CreateSnapshotResponse, error) {
	switch {
	case !backup.DeletionTimestamp.IsZero():
		return nil, status.Errorf(codes.Aborted, "backup %s of the same snapshot is still being deleted", backup.Name)
	case backup.Status.Error != "" && s.contract.ShowsBackupError():
		return nil, status.Error(codes.Internal, backup.Status.Error)
	case backup.Status.SnapshotCreatedAt == "":
		// The time would be missing and be stored as 1970 for good (C-3A).
		return nil, status.Errorf(codes.Unavailable, "backup %s was not taken up yet", backup.Name)
	}
	created, err := time.Parse(time.RFC3339, backup.Status.SnapshotCreatedAt)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "backup %s has no readable creation time: %v", backup.Name, err)
	}
	size, _ := strconv.ParseInt(backup.Status.VolumeSize, 10, 64)
	if s.deviations.Has(deviation.BackupSizeUsedBytes) {
		size, _ = strconv.ParseInt(backup.Status.Size, 10, 64)
	}
	ready := []longhorn.BackupState{longhorn.BackupStateCompleted}
	if s.deviations.Has(deviation.BackupReadyEarly) {
		ready = append(ready, longhorn.BackupStateInProgress)
	}
	id := handle.NewBak(volume, backup.Name).String()
	if s.deviations.Has(deviation.BackupLegacyHandle) {
		id = "bs://" + volume + "/" + backup.Name
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: id, SourceVolumeId: volume, SizeBytes: volumeSize(size),
		CreationTime: timestamppb.New(created), ReadyToUse: slices.Contains(ready, backup.Status.State),
	}}, nil
}
