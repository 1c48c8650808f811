package engine

import (
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/sys/mountinfo"

	"github.com/muster-csi/muster/driver/engine/loop"
)

const mib = 1 << 20

// openCopying opens an engine that needs neither root nor reflink.
func openCopying(t testing.TB, dir string) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Options{Dir: dir, AllowCopy: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// openPooled opens an engine with a real XFS pool and checks at the end that
// none of its devices and mounts is left.
func openPooled(t testing.TB, dir string) *Engine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a pool needs root to mount it and to attach loop devices")
	}
	if reflink, err := shares(dir); err != nil || reflink {
		t.Skip("the directory shares blocks itself, no pool image would be made", err)
	}
	e, err := Open(t.Context(), Options{Dir: dir, PoolSize: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		checkClean(t, dir)
	})
	return e
}

// reopenPooled opens the pool again as a driver does that was started anew.
func reopenPooled(t testing.TB, dir string) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// vanish gives everything up without any order, as the kernel does after kill -9.
func vanish(e *Engine) {
	e.lag.stop()
	for volume := range e.attached {
		e.release(volume)
	}
	e.guard.Close()
}

func checkClean(t testing.TB, dir string) {
	t.Helper()
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(dir))
	if err != nil {
		t.Error(err)
	}
	for _, mount := range mounts {
		t.Errorf("mount is left: %s at %s", mount.Source, mount.Mountpoint)
	}
	attached, err := loop.List()
	if err != nil {
		t.Error(err)
	}
	for _, info := range attached {
		if strings.HasPrefix(info.BackingFile, dir) {
			t.Errorf("loop device is left: /dev/loop%d with %s", info.Number, info.BackingFile)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

// pattern returns n bytes that depend on seed only.
func pattern(seed uint64, n int) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	data := make([]byte, n)
	rand.NewChaCha8(key).Read(data)
	return data
}

// writeHead writes to the file of a detached volume.
func writeHead(t testing.TB, e *Engine, volume string, offset int64, data []byte) {
	t.Helper()
	writeTo(t, e.headPath(volume), offset, data)
}

// writeTo writes to a file or device and syncs it.
func writeTo(t testing.TB, path string, offset int64, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	defer f.Close()
	_, err = f.WriteAt(data, offset)
	must(t, errors.Join(err, f.Sync()))
}

func sum(t testing.TB, path string) [32]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	return sha256.Sum256(content)
}

// leftovers lists everything unfinished below the directory.
func leftovers(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	for _, depth := range []string{"volumes/.*", "volumes/*/.*", "volumes/*/snapshots/.*"} {
		names, err := filepath.Glob(filepath.Join(dir, depth))
		must(t, err)
		found = append(found, names...)
	}
	return found
}
