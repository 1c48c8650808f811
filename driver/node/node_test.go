package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

var fileSystems = []string{"ext4", "xfs"}

func TestStagePublishAndBack(t *testing.T) {
	for _, fsType := range fileSystems {
		t.Run(fsType, func(t *testing.T) {
			b := newBed(t)
			b.create("a", 512*mib)
			wantCode(t, b.publish(b.publishRequest("a", mounted(fsType))), codes.FailedPrecondition)
			for range 2 { // everything may be repeated
				must(t, b.stage("a", mounted(fsType)))
			}
			for range 2 {
				must(t, b.publish(b.publishRequest("a", mounted(fsType))))
			}
			b.write(filepath.Join(b.target("a"), "f"), "hello")
			readonly := b.publishRequest("a", mounted(fsType))
			readonly.Readonly = true
			wantCode(t, b.publish(readonly), codes.AlreadyExists)
			for range 2 {
				must(t, b.unpublish("a"))
			}
			for range 2 {
				must(t, b.unstage("a"))
			}
			for _, path := range []string{b.target("a"), b.staging("a")} {
				if _, err := os.Stat(path); !os.IsNotExist(err) {
					t.Errorf("%s is left: %v", path, err)
				}
			}
			must(t, b.stage("a", mounted(fsType)))
			if got := b.read(filepath.Join(b.staging("a"), "f")); got != "hello" {
				t.Errorf("after staging again the file has %q", got)
			}
			must(t, b.unstage("a"))
			must(t, b.engine.DeleteVolume(t.Context(), "a"))
		})
	}
}

func TestReadOnlyPublishRefusesWrites(t *testing.T) {
	b := newBed(t)
	b.create("a", 64*mib)
	must(t, b.stage("a", mounted("")))
	request := b.publishRequest("a", mounted(""))
	request.Readonly = true
	must(t, b.publish(request))
	if err := os.WriteFile(filepath.Join(b.target("a"), "f"), nil, 0o600); err == nil {
		t.Error("a read-only volume was written to")
	}
	must(t, os.WriteFile(filepath.Join(b.staging("a"), "f"), nil, 0o600))
}

// longhorn/longhorn#10416
func TestRestoredVolumeIsNeverFormattedAgain(t *testing.T) {
	for _, fsType := range fileSystems {
		t.Run(fsType, func(t *testing.T) {
			b := newBed(t)
			b.create("a", 512*mib)
			must(t, b.stage("a", mounted(fsType)))
			b.write(filepath.Join(b.staging("a"), "f"), "kept")
			_, err := b.engine.CreateSnapshot(t.Context(), "a", "s")
			must(t, err)
			must(t, b.engine.CloneVolume(t.Context(), "r", 768*mib, engine.Source{Volume: "a", Snapshot: "s"}))

			must(t, b.stage("r", mounted(fsType))) // beside its mounted source
			if got := b.read(filepath.Join(b.staging("r"), "f")); got != "kept" {
				t.Errorf("restored file has %q", got)
			}
			if size := b.stats("r").Total; size < 640*mib {
				t.Errorf("file system of a larger restore has %d bytes", size)
			}
		})
	}
}

func TestDefectReformatsARestoredXFS(t *testing.T) {
	b := newBed(t, deviation.XFSRestoreReformatted)
	b.create("a", 512*mib)
	must(t, b.stage("a", mounted("xfs")))
	b.write(filepath.Join(b.staging("a"), "f"), "kept")
	must(t, b.engine.CloneVolume(t.Context(), "r", 512*mib, engine.Source{Volume: "a"}))
	request := b.stageRequest("r", mounted("xfs"))
	request.VolumeContext = map[string]string{"dataSource": "snap://a/s"}
	t.Cleanup(func() { b.unstage("r") })
	_, err := b.node.NodeStageVolume(t.Context(), request)
	must(t, err)
	if _, err := os.Stat(filepath.Join(b.staging("r"), "f")); !os.IsNotExist(err) {
		t.Errorf("the defect changed nothing: %v", err)
	}
}

func TestAnotherFileSystemIsNotOverwritten(t *testing.T) {
	b := newBed(t)
	b.create("a", 512*mib)
	must(t, b.stage("a", mounted("ext4")))
	wantCode(t, b.stage("a", mounted("xfs")), codes.AlreadyExists)
	must(t, b.unstage("a"))
	wantCode(t, b.stage("a", mounted("xfs")), codes.Internal)
	must(t, b.stage("a", mounted("ext4")))
}

func (b *bed) stats(name string) *csi.VolumeUsage {
	b.t.Helper()
	response, err := b.node.NodeGetVolumeStats(b.t.Context(), &csi.NodeGetVolumeStatsRequest{VolumeId: name, VolumePath: b.staging(name)})
	must(b.t, err)
	return response.GetUsage()[0]
}

func (b *bed) expand(name string, size int64) error {
	_, err := b.node.NodeExpandVolume(b.t.Context(), &csi.NodeExpandVolumeRequest{
		VolumeId: name, VolumePath: b.staging(name), CapacityRange: &csi.CapacityRange{RequiredBytes: size},
	})
	return err
}

func TestExpandMountedXFS(t *testing.T) {
	b := newBed(t)
	b.create("a", 512*mib)
	must(t, b.stage("a", mounted("xfs")))
	wantCode(t, b.expand("a", 1024*mib), codes.FailedPrecondition) // the engine comes first
	must(t, b.engine.ExpandVolume(t.Context(), "a", 1024*mib))
	must(t, b.expand("a", 1024*mib))
	must(t, b.expand("a", 1024*mib))
	if size := b.stats("a").Total; size < 900*mib {
		t.Errorf("expanded file system has %d bytes", size)
	}
}

func TestExpandExt4(t *testing.T) {
	b := newBed(t)
	b.create("a", 512*mib)
	must(t, b.stage("a", mounted("ext4")))
	b.write(filepath.Join(b.staging("a"), "f"), "kept")
	must(t, b.engine.ExpandVolume(t.Context(), "a", 1024*mib))
	if err := b.expand("a", 1024*mib); err != nil {
		wantCode(t, err, codes.FailedPrecondition)
		if !strings.Contains(err.Error(), "CAP_SYS_RESOURCE") {
			t.Errorf("refusal does not name its cause: %v", err)
		}
		must(t, b.unstage("a"))
		must(t, b.stage("a", mounted("ext4")))
	}
	if size := b.stats("a").Total; size < 900*mib {
		t.Errorf("expanded file system has %d bytes", size)
	}
	if got := b.read(filepath.Join(b.staging("a"), "f")); got != "kept" {
		t.Errorf("after growing the file has %q", got)
	}
}

func TestRawBlock(t *testing.T) {
	b := newBed(t)
	b.create("a", 4*mib)
	must(t, b.stage("a", raw()))
	for range 2 {
		must(t, b.publish(b.publishRequest("a", raw())))
	}
	response, err := b.node.NodeGetVolumeStats(t.Context(), &csi.NodeGetVolumeStatsRequest{VolumeId: "a", VolumePath: b.target("a")})
	must(t, err)
	if total := response.GetUsage()[0].GetTotal(); total != 4*mib {
		t.Errorf("device has %d bytes, want %d", total, 4*mib)
	}
	must(t, b.engine.ExpandVolume(t.Context(), "a", 8*mib))
	answer, err := b.node.NodeExpandVolume(t.Context(), &csi.NodeExpandVolumeRequest{
		VolumeId: "a", VolumePath: b.target("a"), VolumeCapability: raw(),
	})
	must(t, err)
	if answer.GetCapacityBytes() != 8*mib {
		t.Errorf("expanded device has %d bytes", answer.GetCapacityBytes())
	}
	must(t, b.unpublish("a"))
	if _, err := os.Stat(b.target("a")); !os.IsNotExist(err) {
		t.Errorf("target is left: %v", err)
	}
	must(t, b.unstage("a"))
}

func TestStaleBlockTargetIsReplaced(t *testing.T) {
	b := newBed(t)
	for _, name := range []string{"a", "b"} {
		b.create(name, mib)
		must(t, b.stage(name, raw()))
	}
	must(t, b.publish(b.publishRequest("a", raw())))
	wrong := b.publishRequest("b", raw())
	wrong.TargetPath = b.target("a")
	must(t, b.publish(wrong))
	info, err := b.engine.Volume("b")
	must(t, err)
	want, err := deviceNumber(info.Device)
	must(t, err)
	if got, err := deviceNumber(b.target("a")); err != nil || got != want {
		t.Errorf("target shows device %d, want %d of the volume asked for: %v", got, want, err)
	}
}

func TestSingleWriterIsRefusedASecondTarget(t *testing.T) {
	for name, capability := range map[string]*csi.VolumeCapability{"mounted": mounted("ext4"), "block": raw()} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.create("a", 64*mib)
			capability.AccessMode.Mode = csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER
			must(t, b.stage("a", capability))
			must(t, b.publish(b.publishRequest("a", capability)))
			must(t, b.publish(b.publishRequest("a", capability)))
			second := b.publishRequest("a", capability)
			second.TargetPath = filepath.Join(b.dir, "pod2", "other")
			wantCode(t, b.publish(second), codes.FailedPrecondition)
		})
	}
}
