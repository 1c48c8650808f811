//go:build linux

package embedded

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/muster-csi/muster/framework/components"
)

// archive writes a file that stands for an image archive.
func archive(t *testing.T, dir, name, content string) components.Image {
	t.Helper()
	tar := filepath.Join(dir, name+"-"+content+".tar")
	if err := os.WriteFile(tar, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return components.Image{Ref: "muster.local/" + name + ":1", Tar: tar}
}

// prepared makes a directory that stands for a containerd root.
func prepared(t *testing.T, content string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "prepared")
	for _, file := range []string{"content/blob", "meta.db", "tmpmounts/x"} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func fill(t *testing.T, s imageStores, images ...components.Image) (string, []string) {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "root")
	missing, err := s.fill(dst, images)
	if err != nil {
		t.Fatal(err)
	}
	return dst, missing
}

func TestPreparedImagesAreSharedNotImported(t *testing.T) {
	dir := t.TempDir()
	s := imageStores{filepath.Join(dir, "stores")}
	a, b := archive(t, dir, "a", "one"), archive(t, dir, "b", "one")

	if _, missing := fill(t, s, a, b); !slices.Equal(missing, []string{a.Tar, b.Tar}) {
		t.Fatalf("an empty store leaves %v to import", missing)
	}
	if err := s.keep(prepared(t, "one"), []components.Image{a, b}); err != nil {
		t.Fatal(err)
	}
	root, missing := fill(t, s, a, b)
	if len(missing) > 0 {
		t.Fatalf("a prepared store leaves %v to import", missing)
	}
	other, _ := fill(t, s, a, b)
	if !sameInode(t, root, other, "content/blob") {
		t.Error("content is copied, not shared")
	}
	if sameInode(t, root, other, "meta.db") {
		t.Error("two clusters share one database")
	}
	if _, err := os.Stat(filepath.Join(root, "tmpmounts")); err == nil {
		t.Error("transient directories are kept")
	}

	changed := archive(t, dir, "b", "two")
	if _, missing := fill(t, s, a, changed); !slices.Equal(missing, []string{changed.Tar}) {
		t.Errorf("after one image changed %v is left to import", missing)
	}
	if _, missing := fill(t, s, a); !slices.Equal(missing, []string{a.Tar}) {
		t.Errorf("a store with an image that is not wanted was used; left to import: %v", missing)
	}
}

func TestOldPreparedImagesGo(t *testing.T) {
	dir := t.TempDir()
	s := imageStores{filepath.Join(dir, "stores")}
	for _, content := range []string{"1", "2", "3", "4", "5"} {
		if err := s.keep(prepared(t, content), []components.Image{archive(t, dir, "a", content)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(s.list()); got != keepStores {
		t.Errorf("%d stores are kept, want %d", got, keepStores)
	}
}

func sameInode(t *testing.T, a, b, file string) bool {
	t.Helper()
	infoA, err := os.Stat(filepath.Join(a, file))
	if err != nil {
		t.Fatal(err)
	}
	infoB, err := os.Stat(filepath.Join(b, file))
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(infoA, infoB)
}
