package sanity

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

// smallXFS: only a new volume must have 300 MiB, and only from 1.6.3 on, which the contract's 1.6 means.
func (s stateTest) smallXFS(t *testing.T) {
	const small, enough = 64 << 20, 300 << 20
	xfs := func(name string, size int64, source *csi.VolumeContentSource) *csi.CreateVolumeRequest {
		request := volumeOf(name, size, source)
		request.VolumeCapabilities[0].GetMount().FsType = "xfs"
		return request
	}
	if _, err := s.csi.CreateVolume(t.Context(), xfs("xfs-small", small, nil)); status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "xfs volume size") {
		t.Errorf("a new small one: got %v, want Unknown that names the size", err)
	}
	if _, err := s.csi.CreateVolume(t.Context(), volumeOf("ext4-small", small, nil)); err != nil {
		t.Fatal(err)
	}
	s.createSnapshot(t, "xfs-cut", "ext4-small")
	volumeSource := &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: "ext4-small"}}}
	for name, request := range map[string]*csi.CreateVolumeRequest{
		"enough":   xfs("xfs-enough", enough, nil),
		"restored": xfs("xfs-restored", small, snapshotSource("snap://ext4-small/xfs-cut")),
		"cloned":   xfs("xfs-cloned", small, volumeSource),
	} {
		if _, err := s.csi.CreateVolume(t.Context(), request); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.controller(t, "1.5").CreateVolume(t.Context(), xfs("xfs-small-1-5", small, nil)); err != nil {
		t.Errorf("before 1.6.3: %v", err)
	}
}

// volumeThatCannotBeStored: CSI allows the name, the API server refuses it.
func (s stateTest) volumeThatCannotBeStored(t *testing.T) {
	_, err := s.csi.CreateVolume(t.Context(), volumeOf("under_score", gibibyte, nil))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "create volume under_score") {
		t.Errorf("got %v, want Internal that names the volume", err)
	}
}

// restoreThatFailsFirst: CreateVolume does not wait for the data, nobody gets the
// volume before they are there, and the copy is tried until it succeeds.
func (s stateTest) restoreThatFailsFirst(t *testing.T) {
	source := s.createVolume(t, "slow-source", nil)
	s.createSnapshot(t, "slow-cut", source)
	if err := s.data.DeleteSnapshot(t.Context(), source, "slow-cut"); err != nil { // the copy must fail
		t.Fatal(err)
	}
	const handle = "snap://slow-source/slow-cut"
	request := volumeOf("slow-restore", gibibyte, snapshotSource(handle))
	request.Parameters = map[string]string{"numberOfReplicas": "1", "unknown": "kept"}
	response, err := s.csi.CreateVolume(t.Context(), request)
	if err != nil {
		t.Fatalf("CreateVolume waits for the data: %v", err) // V-10
	}
	volume := response.GetVolume()
	if !proto.Equal(volume.GetContentSource(), request.GetVolumeContentSource()) {
		t.Errorf("the content source is %v", volume.GetContentSource())
	}
	if want := map[string]string{"numberOfReplicas": "1", "unknown": "kept", "dataSource": handle}; !maps.Equal(volume.GetVolumeContext(), want) {
		t.Errorf("the volume context is %v, want %v", volume.GetVolumeContext(), want)
	}
	if _, err := s.data.Volume(volume.GetVolumeId()); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("the volume has a file before it has data (%v)", err)
	}
	publish := &csi.ControllerPublishVolumeRequest{VolumeId: volume.GetVolumeId(), NodeId: nodeName, VolumeCapability: mountable()[0]}
	s.eventually(t, "the copy to have failed again", func(ctx context.Context) (bool, error) {
		var found longhorn.Volume
		err := s.objects.Get(ctx, key(volume.GetVolumeId()), &found)
		return found.Status.CloneStatus.State == longhorn.VolumeCloneStateFailed && found.Status.CloneStatus.AttemptCount > 1, err
	})
	_, err = s.csi.ControllerPublishVolume(t.Context(), publish) // V-11
	if status.Code(err) != codes.Aborted || !strings.Contains(err.Error(), "is not ready for workloads") {
		t.Errorf("attaching it gives %v, want Aborted", err)
	}
	if _, err := s.data.CreateSnapshot(t.Context(), source, "slow-cut"); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the copy to be complete", func(ctx context.Context) (bool, error) {
		var found longhorn.Volume
		err := s.objects.Get(ctx, key(volume.GetVolumeId()), &found)
		return found.Status.CloneStatus.State == longhorn.VolumeCloneStateCompleted, err
	})
	if _, err := s.csi.ControllerPublishVolume(t.Context(), publish); err != nil {
		t.Errorf("attaching it with its data: %v", err)
	}
	if _, err := s.csi.ControllerUnpublishVolume(t.Context(), &csi.ControllerUnpublishVolumeRequest{VolumeId: volume.GetVolumeId()}); err != nil {
		t.Error(err)
	}
}

// contentSourceWins: over the parameter dataSource, and over no other.
func (s stateTest) contentSourceWins(t *testing.T) {
	source, other := s.createVolume(t, "winner", nil), s.createVolume(t, "loser", nil)
	s.createSnapshot(t, "winner-cut", source)
	parameters := map[string]string{"dataSource": "vol://" + other, "numberOfReplicas": "3"}
	for name, c := range map[string]struct {
		source *csi.VolumeContentSource
		want   string
	}{
		"by-parameter": {nil, "vol://loser"},
		"by-content":   {snapshotSource("snap://winner/winner-cut"), "snap://winner/winner-cut"},
	} {
		request := volumeOf(name, gibibyte, c.source)
		request.Parameters = parameters
		response, err := s.csi.CreateVolume(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		spec := s.readVolume(t, name).Spec
		if string(spec.DataSource) != c.want || response.GetVolume().GetVolumeContext()["dataSource"] != c.want {
			t.Errorf("%s: made from %q, the context is %v, want %q", name, spec.DataSource, response.GetVolume().GetVolumeContext(), c.want)
		}
		if spec.NumberOfReplicas != 3 {
			t.Errorf("%s: the parameter numberOfReplicas=3 became %d", name, spec.NumberOfReplicas)
		}
	}
}

// handleOfAnotherVolume: refused, and with the quirk restored where the sizes agree.
func (s stateTest) handleOfAnotherVolume(t *testing.T) {
	volume := s.createVolume(t, "owner", nil)
	s.createSnapshot(t, "owned", volume)
	s.createVolume(t, "same-size", nil)
	if _, err := s.csi.CreateVolume(t.Context(), volumeOf("larger-size", 2*gibibyte, nil)); err != nil {
		t.Fatal(err)
	}
	foreign := volumeOf("of-foreign", gibibyte, snapshotSource("snap://same-size/owned"))
	if _, err := s.csi.CreateVolume(t.Context(), foreign); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
	lenient := s.controller(t, "1.12", deviation.ForeignVolumeHandle)
	differs := volumeOf("of-larger", gibibyte, snapshotSource("snap://larger-size/owned"))
	if _, err := lenient.CreateVolume(t.Context(), differs); status.Code(err) != codes.Internal {
		t.Errorf("with the quirk and another size got %v, want Internal", err)
	}
	if _, err := lenient.CreateVolume(t.Context(), foreign); err != nil {
		t.Fatalf("with the quirk: %v", err)
	}
	if source := s.readVolume(t, "of-foreign").Spec.DataSource; source != "snap://owner/owned" {
		t.Errorf("with the quirk it is made from %s, want snap://owner/owned", source)
	}
}
