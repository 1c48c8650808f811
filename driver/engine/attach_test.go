package engine

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine/loop"
)

// devicesOf lists the loop devices of a volume.
func devicesOf(t *testing.T, e *Engine, volume string) []string {
	t.Helper()
	infos, err := loop.List()
	must(t, err)
	var found []string
	for _, info := range infos {
		if info.BackingFile == e.headPath(volume) {
			found = append(found, fmt.Sprint("/dev/loop", info.Number))
		}
	}
	return found
}

func TestAttachIsIdempotent(t *testing.T) {
	e := openPooled(t, t.TempDir())
	must(t, e.CreateVolume(t.Context(), "a", 4*mib))
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if _, err := e.Attach(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	info, err := e.Volume("a")
	must(t, err)
	if found := devicesOf(t, e, "a"); len(found) != 1 || found[0] != info.Device {
		t.Errorf("devices are %v, volume says %q", found, info.Device)
	}
	must(t, e.Detach(t.Context(), "a"))
	must(t, e.Detach(t.Context(), "a"))
	must(t, e.Detach(t.Context(), "missing"))
	if found := devicesOf(t, e, "a"); len(found) != 0 {
		t.Error("detached volume still has", found)
	}
	_, err = e.Attach(t.Context(), "missing")
	wantErr(t, err, ErrNotFound)
}

func TestManyVolumesAttachAtOnce(t *testing.T) {
	e := openPooled(t, t.TempDir())
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			name := fmt.Sprint("v", i)
			if err := e.CreateVolume(t.Context(), name, mib); err != nil {
				t.Error(err)
			}
			if _, err := e.Attach(t.Context(), name); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := range 12 {
		if found := devicesOf(t, e, fmt.Sprint("v", i)); len(found) != 1 {
			t.Errorf("v%d has devices %v", i, found)
		}
	}
}

func TestRestartedEngineAdoptsAMountedVolume(t *testing.T) {
	dir := t.TempDir()
	e := openPooled(t, dir)
	must(t, e.CreateVolume(t.Context(), "a", 64*mib))
	device, err := e.Attach(t.Context(), "a")
	must(t, err)
	run(t, "mkfs.ext4", "-q", device)
	mountpoint := t.TempDir()
	must(t, unix.Mount(device, mountpoint, "ext4", 0, ""))
	t.Cleanup(func() { unix.Unmount(mountpoint, 0) })
	must(t, os.WriteFile(filepath.Join(mountpoint, "f"), []byte("before"), 0o600))

	vanish(e)
	e = reopenPooled(t, dir)
	again, err := e.Attach(t.Context(), "a")
	must(t, err)
	if again != device || len(devicesOf(t, e, "a")) != 1 {
		t.Errorf("device was %s, is %s, all: %v", device, again, devicesOf(t, e, "a"))
	}
	wantErr(t, e.Detach(t.Context(), "a"), ErrInUse)
	wantErr(t, e.DeleteVolume(t.Context(), "a"), ErrInUse)
	if info, err := e.Volume("a"); err != nil || info.Device != device {
		t.Errorf("volume in use lost its device: %+v, %v", info, err)
	}
	must(t, unix.Unmount(mountpoint, 0))
	must(t, e.DeleteVolume(t.Context(), "a"))
	e.Close()
}

func TestRestartedEngineGivesAnUnopenedVolumeItsDeviceBack(t *testing.T) {
	dir := t.TempDir()
	e := openPooled(t, dir)
	for _, name := range []string{"a", "b"} {
		must(t, e.CreateVolume(t.Context(), name, mib))
	}
	_, err := e.Attach(t.Context(), "a")
	must(t, err)
	device, err := e.Attach(t.Context(), "b")
	must(t, err)
	must(t, e.Detach(t.Context(), "a"))
	vanish(e)
	e = reopenPooled(t, dir)
	info, err := e.Volume("b")
	must(t, err)
	if info.Device != device {
		t.Errorf("device of b was %s, is %q", device, info.Device)
	}
	if info, err := e.Volume("a"); err != nil || info.Device != "" {
		t.Errorf("detached volume was attached again: %+v, %v", info, err)
	}
	e.Close()
}

// Two directories may show the same paths to their own mount namespaces; the
// inode tells them apart.
func TestSamePathInAnotherPoolIsAnotherFile(t *testing.T) {
	one, two := openPooled(t, t.TempDir()), openPooled(t, t.TempDir())
	var devices []string
	for _, e := range []*Engine{one, two} {
		must(t, e.CreateVolume(t.Context(), "a", mib))
		device, err := e.Attach(t.Context(), "a")
		must(t, err)
		devices = append(devices, device)
	}
	if devices[0] == devices[1] {
		t.Errorf("both pools use %s", devices[0])
	}
}

func TestSnapshotOfAnAttachedVolumeHasWhatWasWritten(t *testing.T) {
	e := openPooled(t, t.TempDir())
	must(t, e.CreateVolume(t.Context(), "a", 8*mib))
	device, err := e.Attach(t.Context(), "a")
	must(t, err)
	data := pattern(1, 8*mib)
	writeTo(t, device, 0, data[:4*mib])
	f, err := os.OpenFile(device, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(data[4*mib:], 4*mib) // not synced: the engine flushes
	must(t, err)
	_, err = e.CreateSnapshot(t.Context(), "a", "s")
	must(t, err)
	must(t, f.Close())
	writeTo(t, device, 0, pattern(2, 8*mib))
	content, err := os.ReadFile(e.dataPath("a", "s"))
	must(t, err)
	if !bytes.Equal(content, data) {
		t.Error("snapshot differs from what the device held at the cut")
	}
}

func TestExpandWhileAttached(t *testing.T) {
	e := openPooled(t, t.TempDir())
	must(t, e.CreateVolume(t.Context(), "a", 4*mib))
	device, err := e.Attach(t.Context(), "a")
	must(t, err)
	must(t, e.ExpandVolume(t.Context(), "a", 8*mib))
	must(t, e.ExpandVolume(t.Context(), "a", 6*mib)) // never shrinks
	f, err := os.Open(device)
	must(t, err)
	defer f.Close()
	size, err := f.Seek(0, 2)
	must(t, err)
	if size != 8*mib {
		t.Errorf("device has %d bytes, want %d", size, 8*mib)
	}
	wantErr(t, e.ExpandVolume(t.Context(), "none", 8*mib), ErrNotFound)
}

func TestForeignMountOverThePoolIsRefused(t *testing.T) {
	dir := t.TempDir()
	e := openPooled(t, dir)
	must(t, e.Close())
	pool := filepath.Join(dir, "pool")
	must(t, unix.Mount("tmpfs", pool, "tmpfs", 0, ""))
	t.Cleanup(func() { unix.Unmount(pool, 0) })
	_, err := Open(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "tmpfs") {
		t.Errorf("error is %v, want one that names the tmpfs", err)
	}
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	if output, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, output)
	}
}
