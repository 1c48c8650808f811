package components

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileTreeIsALayer(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"files/usr/bin/run": "#!", "files/etc/set": "x = 1"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree := fileTree{
		"etc/on": {link: "/etc/set"},
		"a":      {mode: 0o640, content: []byte("given")},
	}
	if err := tree.addDir(filepath.Join(dir, "files")); err != nil {
		t.Fatal(err)
	}
	layer := filepath.Join(dir, "layer.tar")
	if err := tree.writeFile(layer); err != nil {
		t.Fatal(err)
	}
	// Modes are not those of the checkout: programs can be run, the rest be read.
	want := []string{
		"a 640 given", "etc/ 755 ", "etc/on 777 -> /etc/set", "etc/set 644 x = 1",
		"usr/ 755 ", "usr/bin/ 755 ", "usr/bin/run 755 #!",
	}
	if diff := cmp.Diff(want, entries(t, layer)); diff != "" {
		t.Error("want -, got +\n" + diff)
	}
}

// entries lists what a tar has, in its order.
func entries(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var found []string
	for r := tar.NewReader(f); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if header.Linkname != "" {
			content = []byte("-> " + header.Linkname)
		}
		found = append(found, strings.TrimSuffix(fmt.Sprintf("%s %o %s", header.Name, header.Mode, content), "\n"))
	}
}
