package controller

import (
	"maps"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// deviantError is SnapshotErrorsAborted; without it the error stays as it is.
func (s *Server) deviantError(err error) error {
	if err == nil || !s.deviations.Has(deviation.SnapshotErrorsAborted) {
		return err
	}
	return status.Error(codes.Aborted, status.Convert(err).Message())
}

// targetCode is the code of a backup whose target is not available (C-32).
func (s *Server) targetCode() codes.Code {
	if s.deviations.Has(deviation.TargetErrorFinal) {
		return codes.Internal
	}
	return codes.Aborted
}

// refuseRunning is BackupRunningRefused; without it nothing is refused.
func (s *Server) refuseRunning(backup *longhorn.Backup) error {
	if api.BackupFinal(backup) || !s.deviations.Has(deviation.BackupRunningRefused) {
		return nil
	}
	return status.Errorf(codes.Internal, "backup %s is still running", backup.Name)
}

// labels are those of a new snapshot: the class parameters, and with SnapshotSecretsKept the secrets too.
func (s *Server) labels(req *csi.CreateSnapshotRequest) map[string]string {
	if !s.deviations.Has(deviation.SnapshotSecretsKept) {
		return req.GetParameters()
	}
	labels := maps.Clone(req.GetParameters())
	maps.Copy(labels, req.GetSecrets())
	return labels
}
