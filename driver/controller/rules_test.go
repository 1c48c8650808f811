package controller

import (
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

func TestVolumeName(t *testing.T) { // V-01
	if got := volumeName("PVC-1"); got != "pvc-1" {
		t.Errorf("got %s", got)
	}
	exact := "pvc-01234567-89ab-cdef-0123-456789abcdef" // 40
	if got := volumeName(exact); got != exact {
		t.Errorf("a name of 40 characters became %s", got)
	}
	// The digits are the first eight of: printf %s NAME | sha512sum
	if got := volumeName(exact + "0"); got != "pvc-01234567-89ab-cdef-0123-456-fe9105eb" {
		t.Errorf("got %s", got)
	}
}

func TestVolumeSize(t *testing.T) { // V-04
	for required, want := range map[int64]int64{0: 10 << 20, 1: 10 << 20, 10 << 20: 10 << 20, 10<<20 + 1: 12 << 20, 1 << 30: 1 << 30} {
		if got := volumeSize(required); got != want {
			t.Errorf("%d: got %d, want %d", required, got, want)
		}
	}
}

func TestSnapshotName(t *testing.T) {
	const uid = "snapshot-0c0fbbb8-6a4b-4d0e-9b1b-1d1e1c1f1a1b"
	if got := snapshotName(uid); got != uid { // H-01
		t.Errorf("the sidecar's name became %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if problems := validation.IsDNS1123Subdomain(snapshotName(name)); len(problems) > 0 {
			t.Fatalf("%q becomes %q: %v", name, snapshotName(name), problems)
		}
	})
}

func TestSnapshotType(t *testing.T) { // C-01 to C-05
	cases := []struct {
		text, contract string
		deviations     deviation.Set
		want           string
		code           codes.Code
	}{
		{"", "1.12", deviation.Set{}, "bak", codes.OK},
		{"bs", "1.12", deviation.Set{}, "bak", codes.OK},
		{"snap", "1.12", deviation.Set{}, "snap", codes.OK},
		{"bi", "1.12", deviation.Set{}, "bi", codes.OK},
		{"bi", "1.4", deviation.Set{}, "", codes.InvalidArgument},
		{"SNAP", "1.12", deviation.Set{}, "", codes.InvalidArgument},
		{"invalid", "1.12", deviation.NewSet(deviation.TypeUnchecked), "snap", codes.OK},
	}
	for _, c := range cases {
		s := server(t, c.contract, c.deviations)
		got, err := s.snapshotType(c.text)
		if string(got) != c.want || status.Code(err) != c.code {
			t.Errorf("%q under %s: got %q, %v", c.text, c.contract, got, err)
		}
		if want := `invalid CSI snapshot type: ` + c.text + `. Must be snap or bak or ""`; err != nil && status.Convert(err).Message() != want {
			t.Errorf("got %q, want %q", status.Convert(err).Message(), want)
		}
	}
}

func TestRefusalsBeforeAnyObject(t *testing.T) {
	s := server(t, "1.12", deviation.Set{})
	snap := map[string]string{"type": "snap"}
	mount := []*csi.VolumeCapability{capability(csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER)}
	cases := map[string]struct {
		call     func() error
		code     codes.Code
		fragment string
	}{
		"C-05 before C-06": {createSnapshot(t, s, "", "", map[string]string{"type": "foo"}), codes.InvalidArgument, "invalid CSI snapshot type: foo"},
		"C-06 before C-07": {createSnapshot(t, s, "", "", snap), codes.InvalidArgument, "Volume name must be provided"},
		"C-07":             {createSnapshot(t, s, "", "v", snap), codes.InvalidArgument, "Snapshot name must be provided"},
		"D-01":             {deleteSnapshot(t, s, ""), codes.InvalidArgument, "missing snapshot id in request"},
		"D-02 no scheme":   {deleteSnapshot(t, s, "garbage"), codes.OK, ""},
		"D-02 scheme":      {deleteSnapshot(t, s, "foo://a/b"), codes.InvalidArgument, "invalid CSI snapshot type: foo"},
		"D-03":             {deleteSnapshot(t, s, "snap://v/"), codes.NotFound, "volume source snapshot snap://v/ is not found"},
		"D-12":             {deleteSnapshot(t, s, "bi://backing"), codes.InvalidArgument, "invalid CSI snapshotHandle bi://backing for backing image"},
		"D-03 bak":         {deleteSnapshot(t, s, "bak://v/"), codes.NotFound, "volume source snapshot bak://v/ is not found"},
		"V-02":             {createVolume(t, s, "", mount), codes.InvalidArgument, "volume id missing in request"},
		"V-03":             {createVolume(t, s, "v", nil), codes.InvalidArgument, "Volume Capabilities cannot be empty"},
		"I-06 ROX": {createVolume(t, s, "v", []*csi.VolumeCapability{capability(csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY)}),
			codes.InvalidArgument, "access mode MULTI_NODE_READER_ONLY is not supported"},
	}
	for name, c := range cases {
		err := c.call()
		if status.Code(err) != c.code || !strings.Contains(status.Convert(err).Message(), c.fragment) {
			t.Errorf("%s: got %v, want %s %q", name, err, c.code, c.fragment)
		}
	}
}

func TestHandleCodes(t *testing.T) { // section 1.2, as far as it is decided without objects
	s := server(t, "1.12", deviation.Set{})
	for text, want := range map[string]codes.Code{
		"vol/backup-1":                codes.InvalidArgument,
		"foo://v/x":                   codes.InvalidArgument,
		"snap://vol/":                 codes.NotFound,
		"snap:///x":                   codes.InvalidArgument,
		"bi://backing?backingImage=x": codes.InvalidArgument,
		"bak://vol/":                  codes.NotFound,
		"BAK://vol/b":                 codes.InvalidArgument,
	} {
		if _, err := s.fromHandle(t.Context(), &csi.CreateVolumeRequest{}, text, 10<<20); status.Code(err) != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestParameters(t *testing.T) { // V-07, R-16
	cases := []struct {
		name, value string
		code        codes.Code
		fragment    string
	}{
		{"numberOfReplicas", "3", codes.OK, ""},
		{"numberOfReplicas", "three", codes.InvalidArgument, "invalid parameter numberOfReplicas"},
		{"migratable", "maybe", codes.InvalidArgument, "invalid parameter migratable"},
		{"recurringJobSelector", "[{", codes.InvalidArgument, "invalid json format of recurringJobSelector"},
		{"encrypted", "false", codes.OK, ""},
		{"encrypted", "true", codes.InvalidArgument, "invalid parameter encrypted"},
		{"backupBlockSize", "16777216", codes.OK, ""},
		{"backupBlockSize", "4194304", codes.InvalidArgument, "invalid parameter backupBlockSize"},
		{"cloneMode", "linked-clone", codes.Internal, "only supported by data engine v2"},
		{"somethingElse", "x", codes.OK, ""},
	}
	for _, c := range cases {
		spec := api.NewVolumeSpec(10 << 20)
		err := applyParameters(&spec, map[string]string{c.name: c.value}, config.LatestContract())
		if status.Code(err) != c.code || !strings.Contains(status.Convert(err).Message(), c.fragment) {
			t.Errorf("%s=%s: got %v, want %s %q", c.name, c.value, err, c.code, c.fragment)
		}
	}
}

func TestOneCallPerKey(t *testing.T) {
	var calls inflight
	done, err := calls.begin("volume v")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := calls.begin("volume v"); status.Code(err) != codes.Aborted {
		t.Errorf("a second call got %v, want Aborted", err)
	}
	done()
	if _, err := calls.begin("volume v"); err != nil {
		t.Errorf("after the first ended: %v", err)
	}
}

func server(t *testing.T, contract string, set deviation.Set) *Server {
	t.Helper()
	parsed, err := config.ParseContract(contract)
	if err != nil {
		t.Fatal(err)
	}
	return New(nil, config.Common{Contract: parsed, Deviations: set}, nil)
}

func capability(mode csi.VolumeCapability_AccessMode_Mode) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
	}
}

func createSnapshot(t *testing.T, s *Server, name, volume string, parameters map[string]string) func() error {
	return func() error {
		_, err := s.CreateSnapshot(t.Context(), &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume, Parameters: parameters})
		return err
	}
}

func deleteSnapshot(t *testing.T, s *Server, id string) func() error {
	return func() error {
		_, err := s.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: id})
		return err
	}
}

func createVolume(t *testing.T, s *Server, name string, capabilities []*csi.VolumeCapability) func() error {
	return func() error {
		_, err := s.CreateVolume(t.Context(), &csi.CreateVolumeRequest{Name: name, VolumeCapabilities: capabilities})
		return err
	}
}
