package sanity

import (
	"context"
	"maps"
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

// handMadeClone: a Volume made without CSI is taken on, its clone is shown as
// failed while the snapshot is missing, and comes about when that is there.
func (s stateTest) handMadeClone(t *testing.T) {
	source := s.createVolume(t, "hand-source", nil)
	volume := &longhorn.Volume{ObjectMeta: metav1.ObjectMeta{Name: "hand-clone", Namespace: api.DefaultNamespace}, Spec: api.NewVolumeSpec(gibibyte)}
	volume.Spec.DataSource = "snap://hand-source/hand-cut"
	if err := s.objects.Create(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the clone to fail", func(context.Context) (bool, error) {
		found := s.readVolume(t, "hand-clone")
		return found.Status.CloneStatus.State == longhorn.VolumeCloneStateFailed && found.Status.CloneStatus.AttemptCount > 0 && api.DataNode(found) == nodeName, nil
	})
	s.createSnapshot(t, "hand-cut", source)
	s.eventually(t, "the clone to be complete", func(context.Context) (bool, error) {
		return s.readVolume(t, "hand-clone").Status.CloneStatus.State == longhorn.VolumeCloneStateCompleted, nil
	})
	if err := s.objects.Delete(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the clone to be gone", func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, key("hand-clone"), &longhorn.Volume{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
}

// deletedSnapshotStays while the setting is on, and goes when it is off or when its volume goes.
func (s stateTest) deletedSnapshotStays(t *testing.T) {
	volume := s.createVolume(t, "kept", nil)
	s.useSetting(t, api.SettingDisablePurge, "true")
	for _, name := range []string{"kept-1", "kept-2"} {
		s.createSnapshot(t, name, volume)
		if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: "snap://kept/" + name}); err != nil {
			t.Fatal(err)
		}
	}
	s.createSnapshot(t, "kept-3", volume) // the driver has looked at the snapshots before since
	for _, name := range []string{"kept-1", "kept-2"} {
		var found longhorn.Snapshot
		if err := s.objects.Get(t.Context(), key(name), &found); err != nil || found.DeletionTimestamp.IsZero() {
			t.Errorf("snapshot %s: %v, want it to be there, deleted", name, err)
		}
		if _, err := s.data.Snapshot(volume, name); err != nil {
			t.Errorf("the data of snapshot %s: %v", name, err)
		}
	}
	gone := func(name string) {
		t.Helper()
		s.eventually(t, "snapshot "+name+" to go", func(ctx context.Context) (bool, error) {
			err := s.objects.Get(ctx, key(name), &longhorn.Snapshot{})
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
	}
	s.useSetting(t, api.SettingDisablePurge, "false")
	gone("kept-1")
	gone("kept-2")
	s.useSetting(t, api.SettingDisablePurge, "true")
	if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: "snap://kept/kept-3"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume}); err != nil {
		t.Fatal(err)
	}
	gone("kept-3")
}

// useSetting sets a setting until the test ends.
func (s stateTest) useSetting(t *testing.T, name api.Setting, value string) {
	t.Helper()
	setting := &longhorn.Setting{ObjectMeta: metav1.ObjectMeta{Name: string(name), Namespace: api.DefaultNamespace}, Value: value}
	if err := client.IgnoreNotFound(s.objects.Delete(t.Context(), setting.DeepCopy())); err != nil {
		t.Fatal(err)
	}
	if err := s.objects.Create(t.Context(), setting); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.objects.Delete(context.WithoutCancel(t.Context()), setting) })
}

// copiesOfSetting: an export has as many copies as the setting says, whatever its class.
func (s stateTest) copiesOfSetting(t *testing.T) {
	source := s.createVolume(t, "copied", nil)
	s.useSetting(t, api.SettingImageCopies, "2")
	request := &csi.CreateSnapshotRequest{Name: "copies", SourceVolumeId: source, Parameters: map[string]string{
		"type": "bi", longhorn.BackingImageParameterMinNumberOfCopies: "5",
	}}
	response, err := s.csi.CreateSnapshot(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	image := s.awaitImage(t, "copies", "be ready", api.ImageReady)
	if image.Spec.MinNumberOfCopies != 2 {
		t.Errorf("it has %d copies, want the setting's 2", image.Spec.MinNumberOfCopies)
	}
	s.deleteImage(t, response.GetSnapshot().GetSnapshotId())
}

// snapOfStandbyVolumeStays with the quirk, and is deleted without.
func (s stateTest) snapOfStandbyVolumeStays(t *testing.T) {
	volume := s.createVolume(t, "stands-by", nil)
	s.createSnapshot(t, "stands-by-cut", volume)
	s.patch(t, volume, `{"spec":{"Standby":true}}`)
	request := &csi.DeleteSnapshotRequest{SnapshotId: "snap://stands-by/stands-by-cut"}
	if _, err := s.controller(t, "1.12", deviation.StuckSnapshotKept).DeleteSnapshot(t.Context(), request); status.Code(err) != codes.Internal {
		t.Errorf("with the quirk got %v, want Internal", err)
	}
	if _, err := s.csi.DeleteSnapshot(t.Context(), request); err != nil {
		t.Error(err)
	}
}

// otherDataEngine: v2 is refused like by a Longhorn that has not enabled it.
func (s stateTest) otherDataEngine(t *testing.T) {
	s.createVolume(t, "first-engine", nil)
	s.createSnapshot(t, "first-cut", "first-engine")
	for _, source := range []*csi.VolumeContentSource{nil, snapshotSource("snap://first-engine/first-cut")} {
		request := volumeOf("second-engine", gibibyte, source)
		request.Parameters = map[string]string{"dataEngine": "v2"}
		if _, err := s.csi.CreateVolume(t.Context(), request); status.Code(err) != codes.Internal {
			t.Errorf("from %v: got %v, want Internal", source, err)
		}
	}
}

// accessModeOfBackup: up to 1.10 the backup's mode wins over that of a claim for one node, then the claim's.
func (s stateTest) accessModeOfBackup(t *testing.T) {
	const name = "backup-00000000000000cc"
	inStore := api.NewBackupVolume(api.DefaultNamespace, "shared-volume", "elsewhere")
	labels := map[string]string{api.BackupVolumeLabel: "shared-volume", api.BackupTargetLabel: "elsewhere"}
	backup := &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: api.DefaultNamespace, Labels: maps.Clone(labels)}, Spec: longhorn.BackupSpec{BackupBlockSize: 2 << 20},
	}
	for _, object := range []client.Object{inStore, backup} {
		if err := s.objects.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.objects.Delete(context.WithoutCancel(t.Context()), object) })
	}
	before := backup.DeepCopy()
	backup.Status = longhorn.BackupStatus{
		State: longhorn.BackupStateCompleted, VolumeName: "shared-volume", VolumeSize: "1073741824", Labels: map[string]string{api.AccessModeLabel: "rwx"},
		URL: "s3://bucket@region/?backup=" + name + "&volume=shared-volume",
	}
	if err := s.objects.Status().Patch(t.Context(), backup, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	for contract, want := range map[string]longhorn.AccessMode{"1.10": longhorn.AccessModeReadWriteMany, "1.11": longhorn.AccessModeReadWriteOnce} {
		request := volumeOf("from-shared-"+contract, gibibyte, snapshotSource("bak://shared-volume/"+name))
		response, err := s.controller(t, contract).CreateVolume(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.readVolume(t, response.GetVolume().GetVolumeId()).Spec.AccessMode; got != want {
			t.Errorf("contract %s: access mode %s, want %s", contract, got, want)
		}
		if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: response.GetVolume().GetVolumeId()}); err != nil {
			t.Error(err)
		}
	}
}
