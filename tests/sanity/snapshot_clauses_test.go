package sanity

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/controller"
	"github.com/muster-csi/muster/driver/deviation"
)

// clauses checks clauses of the contract that no spec can bring about in a cluster.
func (s stateTest) clauses(t *testing.T) {
	t.Run("C-08", s.secretsHaveNoEffect)
	t.Run("C-21", s.oneNameForTwoVolumes)
	t.Run("C-23", func(t *testing.T) {
		s.refusedWhile(t, "standby", `{"spec":{"Standby":true}}`, `{"spec":{"Standby":false}}`, "failed to create snapshot for standby volume")
	})
	t.Run("C-25", s.volumeStillBeingCreated)
	t.Run("C-32,C-35", s.backupThatIsRefused)
	t.Run("H-20", s.backupOfAnotherVolume)
	t.Run("B-26", s.roleOfTarget)
	t.Run("forgotten backup volume", s.forgottenBackupVolume)
	t.Run("C-26", func(t *testing.T) {
		s.refusedWhile(t, "migrating", `{"spec":{"migrationNodeID":"other-node"}}`, `{"spec":{"migrationNodeID":""}}`, "cannot operate during migration")
	})
	t.Run("C-27", s.tooManySnapshots)
	t.Run("C-43,C-44", s.imageAskedForAgain)
	t.Run("C-47", s.imageOfFaultedVolume)
	t.Run("D-10,D-11,D-12", s.imageDeletedByName)
	t.Run("C-49", s.copiesOfSetting)
	t.Run("D-09", s.snapOfStandbyVolumeStays)
	t.Run("D-22", s.deletedSnapshotStays)
	t.Run("R-17", s.handMadeClone)
	t.Run("R-18,R-52", s.otherDataEngine)
	t.Run("R-33", s.accessModeOfBackup)
	t.Run("R-53", s.imageOfStorageClass)
	t.Run("R-54", s.imageThatFails)
	t.Run("H-17", s.handleOfAnotherVolume)
	t.Run("V-05", s.smallXFS)
	t.Run("V-08", s.volumeThatCannotBeStored)
	t.Run("V-10,V-11,R-17", s.restoreThatFailsFirst)
	t.Run("V-13", s.contentSourceWins)
}

// controller is another controller role over the same objects.
func (s stateTest) controller(t *testing.T, contract string, quirks ...deviation.Name) *controller.Server {
	t.Helper()
	parsed, err := config.ParseContract(contract)
	if err != nil {
		t.Fatal(err)
	}
	return controller.New(s.objects, config.Common{
		DriverName: api.DefaultDriverName, Namespace: api.DefaultNamespace, Contract: parsed, Deviations: deviation.NewSet(quirks...),
	}, slog.New(slog.DiscardHandler))
}

// secretsHaveNoEffect: secrets change no answer and are not stored.
func (s stateTest) secretsHaveNoEffect(t *testing.T) {
	volume := s.createVolume(t, "secretive", nil)
	for i, kind := range []string{"snap", "", "bak", "bs", "bi", "other"} {
		request := &csi.CreateSnapshotRequest{
			Name: fmt.Sprintf("secretive-%d", i), SourceVolumeId: volume, Parameters: map[string]string{"type": kind},
			Secrets: map[string]string{"type": "bak", "password": "hidden"},
		}
		with, withErr := s.csi.CreateSnapshot(t.Context(), request)
		request.Secrets = nil
		without, withoutErr := s.csi.CreateSnapshot(t.Context(), request)
		if !proto.Equal(with, without) || !proto.Equal(status.Convert(withErr).Proto(), status.Convert(withoutErr).Proto()) {
			t.Errorf("type %q: with secrets %v, %v; without %v, %v", kind, with, withErr, without, withoutErr)
		}
	}
	var stored longhorn.Snapshot
	if err := s.objects.Get(t.Context(), key("secretive-0"), &stored); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(stored.Spec.Labels, map[string]string{"type": "snap"}) {
		t.Errorf("the snapshot stores %v", stored.Spec.Labels)
	}
}

// oneNameForTwoVolumes: the CSI specification's answer, and with the quirk Longhorn's.
func (s stateTest) oneNameForTwoVolumes(t *testing.T) {
	s.createSnapshot(t, "one-name", s.createVolume(t, "one-of-two", nil))
	request := snapOf("one-name", s.createVolume(t, "two-of-two", nil))
	if _, err := s.csi.CreateSnapshot(t.Context(), request); status.Code(err) != codes.AlreadyExists {
		t.Errorf("got %v, want AlreadyExists", err)
	}
	_, err := s.controller(t, "1.12", deviation.NameConflictInternal).CreateSnapshot(t.Context(), request)
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("with the quirk got %v, want Internal that says it already exists", err)
	}
}

// refusedWhile: no Snapshot is made while the volume is as the change says, and one is afterwards.
func (s stateTest) refusedWhile(t *testing.T, name, change, back, fragment string) {
	volume := s.createVolume(t, name, nil)
	s.createSnapshot(t, name+"-before", volume)
	s.patch(t, volume, change)
	_, err := s.csi.CreateSnapshot(t.Context(), snapOf(name, volume))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), fragment) {
		t.Errorf("got %v, want Internal %q", err, fragment)
	}
	if err := s.objects.Get(t.Context(), key(name), &longhorn.Snapshot{}); !apierrors.IsNotFound(err) {
		t.Errorf("the refused snapshot is stored (%v)", err)
	}
	s.createSnapshot(t, name+"-before", volume) // a repeat makes nothing
	s.patch(t, volume, back)
	s.createSnapshot(t, name, volume)
}

// volumeStillBeingCreated: the call waits for a volume that is neither made nor attached yet.
func (s stateTest) volumeStillBeingCreated(t *testing.T) {
	volume := &longhorn.Volume{
		ObjectMeta: metav1.ObjectMeta{Name: "unborn", Namespace: api.DefaultNamespace, Labels: map[string]string{api.DataNodeLabel: nodeName}},
		Spec:       api.NewVolumeSpec(1), // no file can have this size, so the node goes on trying
	}
	volume.Spec.NodeID = nodeName
	if err := s.objects.Create(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := s.csi.CreateSnapshot(t.Context(), snapOf("of-unborn", volume.Name))
		result <- err
	}()
	s.eventually(t, "the snapshot to be asked for", func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, key("of-unborn"), &longhorn.Snapshot{})
		return err == nil, client.IgnoreNotFound(err)
	})
	s.createSnapshot(t, "of-later-born", s.createVolume(t, "later-born", nil)) // the node has seen the other one before
	select {
	case err := <-result:
		t.Fatalf("got %v before the volume was there, want the call to wait", err)
	default:
	}
	s.patch(t, volume.Name, fmt.Sprintf(`{"spec":{"size":"%d"}}`, gibibyte))
	if err := <-result; err != nil {
		t.Errorf("got %v, want the call to wait for the volume", err)
	}
	_, err := s.csi.ControllerUnpublishVolume(t.Context(), &csi.ControllerUnpublishVolumeRequest{VolumeId: volume.Name, NodeId: nodeName})
	if err != nil {
		t.Error(err)
	}
}

// tooManySnapshots: the engine refuses, the object says so, and room helps.
func (s stateTest) tooManySnapshots(t *testing.T) {
	volume := s.createVolume(t, "full", nil)
	s.patch(t, volume, `{"spec":{"snapshotMaxCount":2}}`)
	s.createSnapshot(t, "full-1", volume)
	s.createSnapshot(t, "full-2", volume)
	_, err := s.csi.CreateSnapshot(t.Context(), snapOf("full-3", volume))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "too many snapshots") {
		t.Errorf("got %v, want Internal that says too many snapshots", err)
	}
	s.awaitSnapshot(t, "full-3", "carry the error", func(found *longhorn.Snapshot) bool {
		return !found.Status.ReadyToUse && strings.Contains(found.Status.Error, "too many snapshots")
	})
	s.createSnapshot(t, "full-2", volume) // a repeat needs no room
	if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: "snap://" + volume + "/full-1"}); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the snapshot to be taken once there is room", func(ctx context.Context) (bool, error) {
		_, err := s.csi.CreateSnapshot(ctx, snapOf("full-3", volume))
		return err == nil, nil
	})
}
