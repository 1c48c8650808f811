package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// eachEngine runs a test on a directory that copies and on a real pool.
func eachEngine(t *testing.T, test func(t *testing.T, e *Engine)) {
	t.Run("copy", func(t *testing.T) { test(t, openCopying(t, t.TempDir())) })
	t.Run("reflink", func(t *testing.T) { test(t, openPooled(t, t.TempDir())) })
}

func TestCreateVolumeIsIdempotentAndChecksSize(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 4*mib))
		must(t, e.CreateVolume(t.Context(), "a", 4*mib))
		wantErr(t, e.CreateVolume(t.Context(), "a", 8*mib), ErrSizeDiffers)
		info, err := e.Volume("a")
		must(t, err)
		if diff := cmp.Diff(VolumeInfo{Name: "a", SizeBytes: 4 * mib}, info); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNamesThatLeaveTheDirectoryAreRefused(t *testing.T) {
	e := openCopying(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "../x", "a/b", ".tmp-a", strings.Repeat("x", 300)} {
		wantErr(t, e.CreateVolume(t.Context(), name, mib), ErrInvalid)
		wantErr(t, e.DeleteVolume(t.Context(), name), ErrInvalid)
		_, err := e.CreateSnapshot(t.Context(), "a", name)
		wantErr(t, err, ErrInvalid)
	}
	wantErr(t, e.CreateVolume(t.Context(), "a", 4095), ErrInvalid)
}

func TestConcurrentCutsKeepTheLimit(t *testing.T) {
	const limit, attempts = 2, 8
	e := openCopying(t, t.TempDir())
	must(t, e.CreateVolume(t.Context(), "a", mib))
	results := make(chan error, attempts)
	for i := range attempts {
		go func() {
			_, err := e.CreateSnapshotWithin(t.Context(), "a", fmt.Sprint("s", i), limit)
			results <- err
		}()
	}
	var taken int
	for range attempts {
		if err := <-results; err == nil {
			taken++
		} else {
			wantErr(t, err, ErrTooMany)
		}
	}
	infos, err := e.Snapshots("a")
	must(t, err)
	if taken != limit || len(infos) != limit {
		t.Fatalf("%d calls succeeded and %d snapshots exist, want %d", taken, len(infos), limit)
	}
	_, err = e.CreateSnapshotWithin(t.Context(), "a", infos[0].Name, limit) // a repeat needs no room
	must(t, err)
}

func TestRestoreHasTheContentAtTheCut(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 8*mib))
		writeHead(t, e, "a", 0, pattern(1, 3*mib))
		want := sum(t, e.headPath("a"))
		_, err := e.CreateSnapshot(t.Context(), "a", "s")
		must(t, err)
		writeHead(t, e, "a", mib, pattern(2, 6*mib))

		must(t, e.CloneVolume(t.Context(), "r1", 8*mib, Source{Volume: "a", Snapshot: "s"}))
		must(t, e.CloneVolume(t.Context(), "r1", 8*mib, Source{Volume: "a", Snapshot: "s"}))
		writeHead(t, e, "r1", 0, pattern(3, mib))
		must(t, e.CloneVolume(t.Context(), "r2", 8*mib, Source{Volume: "a", Snapshot: "s"}))
		if sum(t, e.headPath("r2")) != want {
			t.Error("second restore differs from the volume at the cut")
		}
		must(t, e.DeleteVolume(t.Context(), "a"))
		if sum(t, e.headPath("r2")) != want {
			t.Error("restore changed when its source was deleted")
		}
	})
}

func TestCloneSizes(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 4*mib))
		writeHead(t, e, "a", 3*mib, pattern(1, mib))
		wantErr(t, e.CloneVolume(t.Context(), "small", 2*mib, Source{Volume: "a"}), ErrTooSmall)
		must(t, e.CloneVolume(t.Context(), "large", 6*mib, Source{Volume: "a"}))
		content, err := os.ReadFile(e.headPath("large"))
		must(t, err)
		if !bytes.Equal(content[3*mib:4*mib], pattern(1, mib)) || !bytes.Equal(content[4*mib:], make([]byte, 2*mib)) {
			t.Error("larger clone is not the source followed by zeros")
		}
		wantErr(t, e.CloneVolume(t.Context(), "x", 4*mib, Source{Volume: "none"}), ErrNotFound)
		wantErr(t, e.CloneVolume(t.Context(), "x", 4*mib, Source{Volume: "a", Snapshot: "none"}), ErrNotFound)
		if left := leftovers(t, e.root); len(left) > 0 {
			t.Error("refused clones left", left)
		}
	})
}

func TestRepeatedSnapshotIsTheFirst(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 4*mib))
		first, err := e.CreateSnapshot(t.Context(), "a", "s")
		must(t, err)
		writeHead(t, e, "a", 0, pattern(1, mib))
		must(t, e.ExpandVolume(t.Context(), "a", 8*mib))
		again, err := e.CreateSnapshot(t.Context(), "a", "s")
		must(t, err)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Error(diff)
		}
		if first.SizeBytes != 4*mib || first.CreatedAt.IsZero() {
			t.Errorf("snapshot is %+v", first)
		}
		content, err := os.ReadFile(e.dataPath("a", "s"))
		must(t, err)
		if !bytes.Equal(content, make([]byte, 4*mib)) {
			t.Error("repeated call cut again")
		}
	})
}

func TestDeletesAreIdempotent(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.DeleteVolume(t.Context(), "a"))
		must(t, e.DeleteSnapshot(t.Context(), "a", "s"))
		must(t, e.CreateVolume(t.Context(), "a", mib))
		_, err := e.CreateSnapshot(t.Context(), "a", "s")
		must(t, err)
		must(t, e.DeleteSnapshot(t.Context(), "a", "s"))
		must(t, e.DeleteSnapshot(t.Context(), "a", "s"))
		_, err = e.Snapshot("a", "s")
		wantErr(t, err, ErrNotFound)
		_, err = e.CreateSnapshot(t.Context(), "a", "s2")
		must(t, err)
		must(t, e.DeleteVolume(t.Context(), "a"))
		_, err = e.Snapshots("a")
		wantErr(t, err, ErrNotFound)
		_, err = e.CreateSnapshot(t.Context(), "a", "s3")
		wantErr(t, err, ErrNotFound)
		if left := leftovers(t, e.root); len(left) > 0 {
			t.Error("deletes left", left)
		}
	})
}

func TestConcurrentSnapshotsOfOneVolume(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 4*mib))
		writeHead(t, e, "a", 0, pattern(1, mib))
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if _, err := e.CreateSnapshot(t.Context(), "a", fmt.Sprint("s", i/2)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		infos, err := e.Snapshots("a")
		must(t, err)
		if len(infos) != 10 {
			t.Errorf("%d snapshots, want 10: %v", len(infos), infos)
		}
	})
}

func TestDeltaIsWhatChanged(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		must(t, e.CreateVolume(t.Context(), "a", 16*mib))
		writeHead(t, e, "a", 2*mib, pattern(1, 2*mib))
		_, err := e.CreateSnapshot(t.Context(), "a", "s1")
		must(t, err)
		writeHead(t, e, "a", 3*mib, pattern(2, blockBytes))
		writeHead(t, e, "a", 8*mib, pattern(3, mib))
		must(t, e.ExpandVolume(t.Context(), "a", 20*mib))
		writeHead(t, e, "a", 20*mib-blockBytes, pattern(4, blockBytes))
		_, err = e.CreateSnapshot(t.Context(), "a", "s2")
		must(t, err)
		writeHead(t, e, "a", 0, pattern(5, 20*mib)) // after both cuts

		got, err := e.Delta(t.Context(), "a", "s1", "s2")
		must(t, err)
		want := []Extent{{3 * mib, blockBytes}, {8 * mib, mib}, {20*mib - blockBytes, blockBytes}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("s1 to s2:", diff)
		}
		got, err = e.Delta(t.Context(), "a", "", "s1")
		must(t, err)
		if diff := cmp.Diff([]Extent{{2 * mib, 2 * mib}}, got); diff != "" {
			t.Error("everything in s1:", diff)
		}
		got, err = e.Delta(t.Context(), "a", "s2", "s2")
		must(t, err)
		if len(got) != 0 {
			t.Error("s2 to itself:", got)
		}
		_, err = e.Delta(t.Context(), "a", "none", "s2")
		wantErr(t, err, ErrNotFound)
	})
}

func TestOpenRemovesWhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	e := openCopying(t, dir)
	must(t, e.CreateVolume(t.Context(), "a", mib))
	_, err := e.CreateSnapshot(t.Context(), "a", "s")
	must(t, err)
	vanish(e)
	for _, name := range []string{
		"volumes/.tmp-b/head.img", "volumes/.deleted-1-c/head.img", "volumes/a/.tmp-attached",
		"volumes/a/snapshots/.tmp-t/data.img", "volumes/a/snapshots/.deleted-1-u/meta.json",
	} {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, nil, 0o600))
	}
	e = openCopying(t, dir)
	if left := leftovers(t, dir); len(left) > 0 {
		t.Error("Open left", left)
	}
	volumes, err := e.Volumes()
	must(t, err)
	snapshots, err := e.Snapshots("a")
	must(t, err)
	if len(volumes) != 1 || len(snapshots) != 1 {
		t.Errorf("finished work is gone: volumes %v, snapshots %v", volumes, snapshots)
	}
}

func TestOneEnginePerDirectory(t *testing.T) {
	dir := t.TempDir()
	e := openCopying(t, dir)
	_, err := Open(t.Context(), Options{Dir: dir, AllowCopy: true})
	wantErr(t, err, ErrInUse)
	must(t, e.Close())
	openCopying(t, dir)
}

func TestTooSmallPoolIsRefused(t *testing.T) {
	dir := t.TempDir()
	if reflink, err := shares(dir); err != nil || reflink {
		t.Skip("the directory shares blocks itself, no pool image would be made", err)
	}
	_, err := Open(t.Context(), Options{Dir: dir, PoolSize: mib})
	wantErr(t, err, ErrInvalid)
}
