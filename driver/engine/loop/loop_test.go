package loop

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file makes a file in a directory of its own, so that all have the same base name.
func file(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "image"))
	must(t, err)
	t.Cleanup(func() { f.Close() })
	must(t, f.Truncate(1<<20))
	return f
}

func attach(t *testing.T, f *os.File) *Device {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("loop devices need root")
	}
	device, err := Attach(t.Context(), f, Options{DirectIO: true, Number: -1})
	must(t, err)
	t.Cleanup(func() { device.Close() })
	return device
}

func TestFindGoesByInodeNotByPath(t *testing.T) {
	one, two := file(t), file(t)
	device := attach(t, one)
	if _, err := Find(two, "/image"); !errors.Is(err, ErrNotAttached) {
		t.Errorf("a file of the same name was found: %v", err)
	}
	must(t, os.Rename(one.Name(), filepath.Join(filepath.Dir(two.Name()), "image")))
	found, err := Find(one, "/image")
	must(t, err)
	defer found.Close()
	if found.Path() != device.Path() {
		t.Errorf("found %s, attached as %s", found.Path(), device.Path())
	}
}

func TestDeviceGoesWithTheLastHold(t *testing.T) {
	f := file(t)
	device := attach(t, f)
	second, err := Find(f, "/image")
	must(t, err)
	must(t, device.Close())
	if !second.Backs(f) {
		t.Error("device went while it was held")
	}
	must(t, second.Close())
	if _, err := Find(f, "/image"); !errors.Is(err, ErrNotAttached) {
		t.Errorf("device stays without a hold: %v", err)
	}
}

func TestTakenNumberIsRefused(t *testing.T) {
	device := attach(t, file(t))
	_, err := Attach(t.Context(), file(t), Options{Number: device.Number()})
	if !errors.Is(err, unix.EBUSY) {
		t.Errorf("error is %v, want EBUSY", err)
	}
}

func TestDeviceGrowsWithItsFile(t *testing.T) {
	f := file(t)
	device := attach(t, f)
	must(t, f.Truncate(3<<20))
	must(t, device.RefreshSize())
	node, err := os.Open(device.Path())
	must(t, err)
	defer node.Close()
	if size, err := node.Seek(0, 2); err != nil || size != 3<<20 {
		t.Errorf("device has %d bytes, %v", size, err)
	}
}
