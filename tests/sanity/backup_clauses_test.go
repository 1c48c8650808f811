package sanity

import (
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// backupThatIsRefused: a standby volume, then one whose target has no URL. Neither leaves a snapshot.
func (s stateTest) backupThatIsRefused(t *testing.T) {
	volume := s.createVolume(t, "unbacked", nil)
	request := &csi.CreateSnapshotRequest{Name: "unbacked", SourceVolumeId: volume, Parameters: map[string]string{"type": "bak"}}
	s.patch(t, volume, `{"spec":{"Standby":true}}`)
	_, err := s.csi.CreateSnapshot(t.Context(), request)
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "failed to create backup for standby volume") {
		t.Errorf("of a standby volume: %v", err)
	}
	s.patch(t, volume, `{"spec":{"Standby":false}}`)
	_, err = s.csi.CreateSnapshot(t.Context(), request)
	if status.Code(err) != codes.Aborted || !strings.Contains(err.Error(), "backup target default is not available") {
		t.Errorf("without a target: %v", err)
	}
	if err := s.objects.Get(t.Context(), key("unbacked"), &longhorn.Snapshot{}); !apierrors.IsNotFound(err) {
		t.Errorf("a snapshot was made all the same (%v)", err)
	}
}

// backupOfAnotherVolume: refused, and with the quirk restored as Longhorn does.
func (s stateTest) backupOfAnotherVolume(t *testing.T) {
	const name = "backup-00000000000000aa"
	inStore := api.NewBackupVolume(api.DefaultNamespace, "other-volume", "elsewhere")
	backup := &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: api.DefaultNamespace, Labels: map[string]string{
			api.BackupVolumeLabel: "right-volume", api.BackupTargetLabel: "elsewhere",
		}},
		Spec: longhorn.BackupSpec{BackupBlockSize: 2 << 20},
	}
	for _, object := range []client.Object{inStore, backup} {
		if err := s.objects.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.objects.Delete(t.Context(), object) })
	}
	before := backup.DeepCopy()
	backup.Status = longhorn.BackupStatus{
		State: longhorn.BackupStateCompleted, VolumeName: "right-volume", VolumeSize: "1073741824",
		URL: "s3://bucket@region/?backup=" + name + "&volume=right-volume",
	}
	if err := s.objects.Status().Patch(t.Context(), backup, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	request := &csi.CreateVolumeRequest{
		Name: "from-other", CapacityRange: &csi.CapacityRange{RequiredBytes: gibibyte}, VolumeCapabilities: mountable(),
		VolumeContentSource: snapshotSource("bak://other-volume/" + name),
	}
	if _, err := s.csi.CreateVolume(t.Context(), request); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
	response, err := s.controller(t, "1.12", deviation.ForeignBackupHandle).CreateVolume(t.Context(), request)
	if err != nil || response.GetVolume().GetVolumeContext()["fromBackup"] != backup.Status.URL {
		t.Errorf("with the quirk got %v, %v", response, err)
	}
	if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: "from-other"}); err != nil {
		t.Error(err)
	}
}
