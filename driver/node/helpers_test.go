package node

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

const mib = 1 << 20

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("answer is %v, want code %s", err, want)
	}
}

// bed is a node service on a real engine, with paths as a kubelet would have.
type bed struct {
	t      *testing.T
	engine *engine.Engine
	node   *Service
	dir    string
}

func newBed(t *testing.T, deviations ...deviation.Name) *bed {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting and loop devices need root")
	}
	e, err := engine.Open(t.Context(), engine.Options{Dir: t.TempDir(), PoolSize: 4 << 30})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	node := New(Config{NodeName: "n", Engine: e, Deviations: deviation.NewSet(deviations...)})
	return &bed{t: t, engine: e, node: node, dir: t.TempDir()}
}

func (b *bed) create(name string, size int64) {
	b.t.Helper()
	must(b.t, b.engine.CreateVolume(b.t.Context(), name, size))
}

func (b *bed) staging(name string) string { return filepath.Join(b.dir, "stage", name) }
func (b *bed) target(name string) string  { return filepath.Join(b.dir, "pod", name, "mount") }

func mounted(fsType string) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER},
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{FsType: fsType}},
	}
}

func raw() *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER},
		AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}},
	}
}

func (b *bed) stage(name string, capability *csi.VolumeCapability) error {
	_, err := b.node.NodeStageVolume(b.t.Context(), b.stageRequest(name, capability))
	b.t.Cleanup(func() { unix.Unmount(b.staging(name), unix.MNT_DETACH) })
	return err
}

func (b *bed) stageRequest(name string, capability *csi.VolumeCapability) *csi.NodeStageVolumeRequest {
	return &csi.NodeStageVolumeRequest{VolumeId: name, StagingTargetPath: b.staging(name), VolumeCapability: capability}
}

func (b *bed) unstage(name string) error {
	_, err := b.node.NodeUnstageVolume(b.t.Context(), &csi.NodeUnstageVolumeRequest{VolumeId: name, StagingTargetPath: b.staging(name)})
	return err
}

func (b *bed) publishRequest(name string, capability *csi.VolumeCapability) *csi.NodePublishVolumeRequest {
	return &csi.NodePublishVolumeRequest{
		VolumeId: name, StagingTargetPath: b.staging(name), TargetPath: b.target(name), VolumeCapability: capability,
	}
}

func (b *bed) publish(request *csi.NodePublishVolumeRequest) error {
	_, err := b.node.NodePublishVolume(b.t.Context(), request)
	target := request.GetTargetPath()
	b.t.Cleanup(func() { unix.Unmount(target, unix.MNT_DETACH) })
	return err
}

func (b *bed) unpublish(name string) error {
	_, err := b.node.NodeUnpublishVolume(b.t.Context(), &csi.NodeUnpublishVolumeRequest{VolumeId: name, TargetPath: b.target(name)})
	return err
}

func (b *bed) write(path, text string) {
	b.t.Helper()
	must(b.t, os.WriteFile(path, []byte(text), 0o600))
}

func (b *bed) read(path string) string {
	b.t.Helper()
	content, err := os.ReadFile(path)
	must(b.t, err)
	return string(content)
}

// fakeEngine has one volume that is always attached to device.
type fakeEngine struct{ device string }

func (f fakeEngine) Volume(name string) (engine.VolumeInfo, error) {
	if name != "a" {
		return engine.VolumeInfo{}, engine.ErrNotFound
	}
	return engine.VolumeInfo{Name: name, Device: f.device}, nil
}

func (f fakeEngine) Attach(_ context.Context, name string) (string, error) {
	info, err := f.Volume(name)
	return info.Device, err
}
