package sanity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/engine"
)

const gibibyte = int64(1 << 30)

// stateTest is a running driver seen from CSI, from the API server and from its files.
type stateTest struct {
	csi     csi.ControllerClient
	objects client.WithWatch
	data    *engine.Engine
}

func testState(t *testing.T, d *driver) {
	connection, err := grpc.NewClient("unix://"+d.socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	s := stateTest{csi.NewControllerClient(connection), d.objects, d.data}
	t.Run("LostFileIsNoEmptyVolume", s.lostFile)
	t.Run("HandMadeSnapshotIsCut", s.handMadeSnapshot)
	t.Run("LostSnapshotIsNotCutAgain", s.lostSnapshot)
	t.Run("SnapshotsGoWithTheirVolume", s.snapshotsGoWithVolume)
	t.Run("RestoreSizeFollowsTheVolume", s.restoreSizeFollows)
	t.Run("Clauses", s.clauses)
}

// lostFile: a volume whose file has vanished must not come back empty.
func (s stateTest) lostFile(t *testing.T) {
	volume := s.createVolume(t, "lost-file", nil)
	if err := s.data.DeleteVolume(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	s.touch(t, volume)
	s.eventually(t, "the volume to be faulted", func(ctx context.Context) (bool, error) {
		var found longhorn.Volume
		err := s.objects.Get(ctx, key(volume), &found)
		return found.Status.Robustness == longhorn.VolumeRobustnessFaulted, err
	})
	_, err := s.csi.ControllerPublishVolume(t.Context(), &csi.ControllerPublishVolumeRequest{
		VolumeId: volume, NodeId: nodeName, VolumeCapability: mountable()[0],
	})
	if status.Code(err) != codes.Aborted {
		t.Errorf("attaching it gives %v, want Aborted", err)
	}
	if _, err := s.csi.CreateSnapshot(t.Context(), snapOf("of-lost-file", volume)); status.Code(err) != codes.Internal { // C-24
		t.Errorf("a snapshot of it gives %v, want Internal", err)
	}
	if _, err := s.data.Volume(volume); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a new file was made: %v", err)
	}
}

// handMadeSnapshot: a Snapshot object made without CSI is cut and can be restored by its handle.
func (s stateTest) handMadeSnapshot(t *testing.T) {
	volume := s.createVolume(t, "hand-made", nil)
	snapshot := &longhorn.Snapshot{
		ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: api.DefaultNamespace},
		Spec:       longhorn.SnapshotSpec{Volume: volume, CreateSnapshot: true},
	}
	if err := s.objects.Create(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	s.awaitSnapshot(t, "by-hand", "be ready", func(found *longhorn.Snapshot) bool {
		return found.Status.ReadyToUse && len(found.OwnerReferences) == 1 && len(found.Finalizers) == 1
	})
	restored := s.createVolume(t, "hand-made-restored", snapshotSource("snap://"+volume+"/by-hand"))
	s.eventually(t, "the restore to be complete", func(ctx context.Context) (bool, error) {
		var found longhorn.Volume
		err := s.objects.Get(ctx, key(restored), &found)
		return found.Status.CloneStatus.State == longhorn.VolumeCloneStateCompleted, err
	})
}

// lostSnapshot: cutting again would show later data under an old name.
func (s stateTest) lostSnapshot(t *testing.T) {
	volume := s.createVolume(t, "lost-snapshot", nil)
	s.createSnapshot(t, "lost", volume)
	if err := s.data.DeleteSnapshot(t.Context(), volume, "lost"); err != nil {
		t.Fatal(err)
	}
	s.expand(t, volume) // a change of the volume makes the driver look at its snapshots
	s.awaitSnapshot(t, "lost", "be not ready, with an error", func(found *longhorn.Snapshot) bool {
		return !found.Status.ReadyToUse && found.Status.Error != ""
	})
	if _, err := s.data.Snapshot(volume, "lost"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("it was cut again: %v", err)
	}
}

// snapshotsGoWithVolume: no garbage collector runs here, so the driver itself must do it (D-27).
func (s stateTest) snapshotsGoWithVolume(t *testing.T) {
	volume := s.createVolume(t, "goes", nil)
	s.createSnapshot(t, "goes-too", volume)
	if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume}); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the snapshot object to be gone", func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, key("goes-too"), &longhorn.Snapshot{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: "snap://" + volume + "/goes-too"}); err != nil {
		t.Errorf("deleting the snapshot of the deleted volume: %v", err) // D-06
	}
}

// restoreSizeFollows: the object's restoreSize is the volume's present size (contract 2.2).
func (s stateTest) restoreSizeFollows(t *testing.T) {
	volume := s.createVolume(t, "follows", nil)
	s.createSnapshot(t, "follows-1", volume)
	size := s.expand(t, volume)
	s.awaitSnapshot(t, "follows-1", "show the new size", func(found *longhorn.Snapshot) bool {
		return found.Status.RestoreSize == size
	})
}

func (s stateTest) createVolume(t *testing.T, name string, source *csi.VolumeContentSource) string {
	t.Helper()
	response, err := s.csi.CreateVolume(t.Context(), volumeOf(name, gibibyte, source))
	if err != nil {
		t.Fatal(err)
	}
	return response.GetVolume().GetVolumeId()
}

func (s stateTest) createSnapshot(t *testing.T, name, volume string) {
	t.Helper()
	if _, err := s.csi.CreateSnapshot(t.Context(), snapOf(name, volume)); err != nil {
		t.Fatal(err)
	}
}

func (s stateTest) expand(t *testing.T, volume string) int64 {
	t.Helper()
	response, err := s.csi.ControllerExpandVolume(t.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: volume, VolumeCapability: mountable()[0], CapacityRange: &csi.CapacityRange{RequiredBytes: 2 * gibibyte},
	})
	if err != nil {
		t.Fatal(err)
	}
	return response.GetCapacityBytes()
}

// touch changes a label of the volume, so that the driver looks at it.
func (s stateTest) touch(t *testing.T, volume string) {
	t.Helper()
	s.patch(t, volume, `{"metadata":{"labels":{"touched":"yes"}}}`)
}

// patch merges the JSON into the volume.
func (s stateTest) patch(t *testing.T, volume, change string) {
	t.Helper()
	object := &longhorn.Volume{ObjectMeta: metav1.ObjectMeta{Name: volume, Namespace: api.DefaultNamespace}}
	if err := s.objects.Patch(t.Context(), object, client.RawPatch(types.MergePatchType, []byte(change))); err != nil {
		t.Fatal(err)
	}
}

func (s stateTest) readVolume(t *testing.T, name string) *longhorn.Volume {
	t.Helper()
	volume := &longhorn.Volume{}
	if err := s.objects.Get(t.Context(), key(name), volume); err != nil {
		t.Fatal(err)
	}
	return volume
}

func (s stateTest) awaitSnapshot(t *testing.T, name, what string, done func(*longhorn.Snapshot) bool) {
	t.Helper()
	s.eventually(t, "snapshot "+name+" to "+what, func(ctx context.Context) (bool, error) {
		var found longhorn.Snapshot
		err := s.objects.Get(ctx, key(name), &found)
		return done(&found), err
	})
}

func (s stateTest) eventually(t *testing.T, what string, done wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, done); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

func key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: api.DefaultNamespace, Name: name}
}

func mountable() []*csi.VolumeCapability {
	return []*csi.VolumeCapability{{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER},
	}}
}

// volumeOf is a request for a mounted volume of that size in bytes.
func volumeOf(name string, size int64, source *csi.VolumeContentSource) *csi.CreateVolumeRequest {
	return &csi.CreateVolumeRequest{
		Name: name, VolumeCapabilities: mountable(), VolumeContentSource: source, CapacityRange: &csi.CapacityRange{RequiredBytes: size},
	}
}

// snapOf is a request for a snapshot of type snap.
func snapOf(name, volume string) *csi.CreateSnapshotRequest {
	return &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume, Parameters: map[string]string{"type": "snap"}}
}

func snapshotSource(handle string) *csi.VolumeContentSource {
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
		Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: handle},
	}}
}
