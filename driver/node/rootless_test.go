package node

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	"k8s.io/mount-utils"
	utilexec "k8s.io/utils/exec"
	testingexec "k8s.io/utils/exec/testing"

	"github.com/muster-csi/muster/driver/config"
)

// rootless returns a service that runs no program and mounts nothing.
func rootless(device string) (*Service, *testingexec.FakeExec) {
	exec := &testingexec.FakeExec{ExactOrder: true}
	return New(Config{NodeName: "n", Engine: fakeEngine{device}, Mounter: mount.NewFakeMounter(nil), Exec: exec}), exec
}

func TestIncompleteRequestsAreRefused(t *testing.T) {
	s, _ := rootless("/dev/null")
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"stage id":   func() error { _, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{}); return err },
		"stage path": func() error { _, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{VolumeId: "a"}); return err },
		"stage capability": func() error {
			_, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{VolumeId: "a", StagingTargetPath: "/x"})
			return err
		},
		"stage access": func() error {
			_, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{VolumeId: "a", StagingTargetPath: "/x", VolumeCapability: &csi.VolumeCapability{}})
			return err
		},
		"stage fs": func() error {
			_, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{VolumeId: "a", StagingTargetPath: "/x", VolumeCapability: mounted("zfs")})
			return err
		},
		"publish path": func() error {
			_, err := s.NodePublishVolume(ctx, &csi.NodePublishVolumeRequest{VolumeId: "a"})
			return err
		},
		"publish capability": func() error {
			_, err := s.NodePublishVolume(ctx, &csi.NodePublishVolumeRequest{VolumeId: "a", TargetPath: "/x"})
			return err
		},
		"unpublish path": func() error {
			_, err := s.NodeUnpublishVolume(ctx, &csi.NodeUnpublishVolumeRequest{VolumeId: "a"})
			return err
		},
		"unstage id": func() error { _, err := s.NodeUnstageVolume(ctx, &csi.NodeUnstageVolumeRequest{}); return err },
		"stats path": func() error {
			_, err := s.NodeGetVolumeStats(ctx, &csi.NodeGetVolumeStatsRequest{VolumeId: "a"})
			return err
		},
		"expand path": func() error {
			_, err := s.NodeExpandVolume(ctx, &csi.NodeExpandVolumeRequest{VolumeId: "a"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), codes.InvalidArgument) })
	}
}

func TestUnknownVolumesAreNotFound(t *testing.T) {
	s, _ := rootless("/dev/null")
	ctx := t.Context()
	_, err := s.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{VolumeId: "b", StagingTargetPath: t.TempDir(), VolumeCapability: mounted("")})
	wantCode(t, err, codes.NotFound)
	_, err = s.NodeExpandVolume(ctx, &csi.NodeExpandVolumeRequest{VolumeId: "b", VolumePath: t.TempDir()})
	wantCode(t, err, codes.NotFound)
	_, err = s.NodeGetVolumeStats(ctx, &csi.NodeGetVolumeStatsRequest{VolumeId: "b", VolumePath: t.TempDir()})
	wantCode(t, err, codes.NotFound)
	_, err = s.NodeGetVolumeStats(ctx, &csi.NodeGetVolumeStatsRequest{VolumeId: "a", VolumePath: t.TempDir()})
	wantCode(t, err, codes.NotFound)
}

func TestSecondCallForAVolumeIsAborted(t *testing.T) {
	s, _ := rootless("/dev/null")
	leave, err := s.busy.enter("a")
	must(t, err)
	request := &csi.NodeUnstageVolumeRequest{VolumeId: "a", StagingTargetPath: filepath.Join(t.TempDir(), "x")}
	_, err = s.NodeUnstageVolume(t.Context(), request)
	wantCode(t, err, codes.Aborted)
	leave()
	_, err = s.NodeUnstageVolume(t.Context(), request)
	must(t, err)
}

// longhorn/longhorn#14042: blkid says "nothing there" of a device that it cannot read.
func TestUnreadableDeviceIsNotFormatted(t *testing.T) {
	s, exec := rootless(t.TempDir()) // reading a directory is an error
	_, err := s.NodeStageVolume(t.Context(), &csi.NodeStageVolumeRequest{
		VolumeId: "a", StagingTargetPath: filepath.Join(t.TempDir(), "stage"), VolumeCapability: mounted("ext4"),
	})
	wantCode(t, err, codes.Internal)
	if exec.CommandCalls != 0 {
		t.Errorf("%d programs were run on an unreadable device", exec.CommandCalls)
	}
}

func TestProbe(t *testing.T) {
	device := filepath.Join(t.TempDir(), "device")
	must(t, os.WriteFile(device, make([]byte, mib), 0o600))
	for name, test := range map[string]struct {
		output string
		err    error
		want   string
		fails  bool
	}{
		"nothing":         {err: testingexec.FakeExitError{Status: 2}},
		"file system":     {output: "DEVNAME=/dev/loop0\nTYPE=xfs\n", want: "xfs"},
		"partition table": {output: "PTTYPE=dos\n", want: "a partition table (dos)"},
		"ambivalent":      {err: testingexec.FakeExitError{Status: 8}, fails: true},
		"missing blkid":   {err: utilexec.ErrExecutableNotFound, fails: true},
		"strange output":  {output: "?", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, exec := rootless(device)
			command := &testingexec.FakeCmd{CombinedOutputScript: []testingexec.FakeAction{
				func() ([]byte, []byte, error) { return []byte(test.output), nil, test.err },
			}}
			exec.CommandScript = []testingexec.FakeCommandAction{
				func(name string, args ...string) utilexec.Cmd { return testingexec.InitFakeCmd(command, name, args...) },
			}
			got, err := s.probe(t.Context(), device)
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("probe says %q, %v", got, err)
			}
		})
	}
}

func TestInfoAndCapabilities(t *testing.T) { // I-11, I-12
	for release, want := range map[string]struct {
		topology     string
		capabilities int
	}{"1.9": {"", 3}, "1.10": {"n", 3}, "1.12": {"n", 4}} {
		contract, err := config.ParseContract(release)
		must(t, err)
		s, _ := rootless("/dev/null")
		s.contract = contract
		info, err := s.NodeGetInfo(t.Context(), &csi.NodeGetInfoRequest{})
		must(t, err)
		if info.GetNodeId() != "n" || info.GetAccessibleTopology().GetSegments()["kubernetes.io/hostname"] != want.topology || info.GetMaxVolumesPerNode() != 0 {
			t.Errorf("under %s info is %v", release, info)
		}
		capabilities, err := s.NodeGetCapabilities(t.Context(), &csi.NodeGetCapabilitiesRequest{})
		must(t, err)
		if len(capabilities.GetCapabilities()) != want.capabilities {
			t.Errorf("under %s capabilities are %v", release, capabilities)
		}
	}
}

// TestRegister plays the kubelet.
func TestRegister(t *testing.T) {
	config := Registration{DriverName: "d.example", Dir: t.TempDir(), Endpoint: "/csi/csi.sock"}
	path := filepath.Join(config.Dir, "d.example-reg.sock")
	must(t, os.WriteFile(path, nil, 0o600)) // as a killed driver leaves it
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- Register(ctx, config) }()

	connection, err := grpc.NewClient("passthrough:///"+path, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: time.Second}),
		grpc.WithContextDialer(func(ctx context.Context, path string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}))
	must(t, err)
	defer connection.Close()
	kubelet := registration.NewRegistrationClient(connection)
	info, err := kubelet.GetInfo(ctx, &registration.InfoRequest{}, grpc.WaitForReady(true))
	must(t, err)
	if info.GetType() != "CSIPlugin" || info.GetName() != "d.example" || info.GetEndpoint() != "/csi/csi.sock" {
		t.Errorf("driver says %v", info)
	}
	_, err = kubelet.NotifyRegistrationStatus(ctx, &registration.RegistrationStatus{PluginRegistered: true})
	must(t, err)
	_, err = kubelet.NotifyRegistrationStatus(ctx, &registration.RegistrationStatus{Error: "no such node"})
	must(t, err)
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "no such node") {
		t.Errorf("Register ended with %v, want the kubelet's reason", err)
	}
}
