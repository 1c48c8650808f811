package api_test

import (
	"testing"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/muster-csi/muster/driver/api"
)

func TestSourceRoundTrip(t *testing.T) {
	for text, want := range map[longhorn.VolumeDataSource]api.Source{
		"":           {},
		"vol://v":    {Volume: "v"},
		"snap://v/s": {Volume: "v", Snapshot: "s"},
	} {
		got, err := api.ParseSource(text)
		if err != nil || got != want || got.DataSource() != text {
			t.Errorf("%q: got %+v, %v, written as %q", text, got, err, got.DataSource())
		}
	}
}

func TestSourceIsStrict(t *testing.T) {
	for _, text := range []longhorn.VolumeDataSource{"v", "vol://", "vol://v/s", "snap://v", "snap:///s", "snap://v/", "snap://v/s/x", "bak://v/b"} {
		if got, err := api.ParseSource(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestProvisionedBytes(t *testing.T) {
	volume := &longhorn.Volume{}
	if got := api.ProvisionedBytes(volume); got != 0 {
		t.Errorf("nothing reported gives %d", got)
	}
	api.SetProvisionedBytes(volume, 1<<30)
	api.SetProvisionedBytes(volume, 2<<30)
	if got := api.ProvisionedBytes(volume); got != 2<<30 || len(volume.Status.Conditions) != 1 {
		t.Errorf("got %d in %+v", got, volume.Status.Conditions)
	}
}

func TestTransitionTimeFollowsTheStatusOnly(t *testing.T) {
	old := []longhorn.Condition{{Type: "Ready", Status: longhorn.ConditionStatusTrue, LastTransitionTime: "then"}}
	same := api.SetCondition(append([]longhorn.Condition(nil), old...), longhorn.Condition{Type: "Ready", Status: longhorn.ConditionStatusTrue, Message: "new"})
	if same[0].LastTransitionTime != "then" || same[0].Message != "new" {
		t.Errorf("same status: %+v", same[0])
	}
	other := api.SetCondition(append([]longhorn.Condition(nil), old...), longhorn.Condition{Type: "Ready", Status: longhorn.ConditionStatusFalse})
	if other[0].LastTransitionTime == "then" {
		t.Errorf("another status keeps the time: %+v", other[0])
	}
}

func TestCloning(t *testing.T) {
	volume := &longhorn.Volume{}
	if api.Cloning(volume) {
		t.Error("a volume without a source waits for data")
	}
	volume.Spec.DataSource = "vol://v"
	if !api.Cloning(volume) {
		t.Error("a new clone is not waited for")
	}
	volume.Status.CloneStatus.State = longhorn.VolumeCloneStateCompleted
	if api.Cloning(volume) {
		t.Error("a completed clone is waited for")
	}
}

func TestSnapshotLimit(t *testing.T) { // C-27
	volume := &longhorn.Volume{}
	if got := api.SnapshotLimit(volume); got != 250 {
		t.Errorf("a volume without its own limit may have %d snapshots, want 250", got)
	}
	volume.Spec.SnapshotMaxCount = 2
	if got := api.SnapshotLimit(volume); got != 2 {
		t.Errorf("a volume with the limit 2 may have %d snapshots", got)
	}
}
