package inventory

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine"
)

func TestEmptyDirectoryHasEmptyLists(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Error("lists are null:", out.String())
	}
}

func TestInventoryListsWhatExists(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("attaching loop devices needs root")
	}
	ctx, dir := t.Context(), t.TempDir()
	e, err := engine.Open(ctx, engine.Options{Dir: dir, PoolSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	if err := e.CreateVolume(ctx, "a", 1<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := e.CreateSnapshot(ctx, "a", "s"); err != nil {
		t.Fatal(err)
	}
	device, err := e.Attach(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "block")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(device, target, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(target, unix.MNT_DETACH) })

	var out bytes.Buffer
	if err := Write(&out, dir); err != nil {
		t.Fatal(err)
	}
	var got Inventory
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Volumes) != 1 || got.Volumes[0].Device != device {
		t.Errorf("volumes are %+v, want a on %s", got.Volumes, device)
	}
	if len(got.Snapshots) != 1 || got.Snapshots[0].Name != "s" || got.Snapshots[0].CreatedAt.IsZero() {
		t.Errorf("snapshots are %+v", got.Snapshots)
	}
	if want := []Mount{{Path: target, Device: device, Type: "block"}}; len(got.Mounts) != 1 || got.Mounts[0] != want[0] {
		t.Errorf("mounts are %+v, want %+v", got.Mounts, want)
	}
	if len(got.Loops) != 2 {
		t.Errorf("loops are %+v, want the pool's and the volume's", got.Loops)
	}
}
