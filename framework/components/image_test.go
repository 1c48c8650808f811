package components

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// readImage reads a docker-archive back and returns its flattened files.
func readImage(t *testing.T, path string) (v1.Image, map[string]*tar.Header, map[string][]byte) {
	t.Helper()
	image, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Fatal(err)
	}
	content := mutate.Extract(image)
	defer content.Close()
	headers, files := map[string]*tar.Header{}, map[string][]byte{}
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return image, headers, files
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Clean(header.Name)
		headers[name] = header
		if files[name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestImageHoldsTheProgram(t *testing.T) {
	r := newTestRepo(t)
	set := r.ensure("hello")
	images := set.Images()
	if len(images) != 1 || images[0].Ref != "muster.local/hello:v1.2.3" {
		t.Fatalf("the images are %v", images)
	}
	image, headers, files := readImage(t, images[0].Tar)
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/usr/local/bin/hello"}, config.Config.Entrypoint); diff != "" {
		t.Error("entrypoint:\n" + diff)
	}
	binary, err := os.ReadFile(set.Binary("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(files["usr/local/bin/hello"], binary) {
		t.Error("the program in the image differs from the one in the cache")
	}
	if mode := headers["usr/local/bin/hello"].FileInfo().Mode().Perm(); mode != 0o755 {
		t.Errorf("the program's mode is %v", mode)
	}
	if mode := headers["tmp"].FileInfo().Mode(); mode&os.ModeSticky == 0 || mode.Perm() != 0o777 {
		t.Errorf("the mode of /tmp is %v, want 1777", mode)
	}
}

func TestImageOnABaseKeepsTheBase(t *testing.T) {
	dir := t.TempDir()
	binary, base := filepath.Join(dir, "prog"), filepath.Join(dir, "base.tar")
	// 512 bytes: the tar block needs no padding.
	if err := os.WriteFile(binary, bytes.Repeat([]byte{'x'}, 512), 0o755); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range []tarEntry{{name: "etc/", mode: 0o700}, {name: "etc/mke2fs.conf", mode: 0o644, content: "conf"}} {
		if err := e.write(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(base, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := imageSpec{ref: "muster.local/prog:dev", name: "prog", binary: binary, base: base, version: "dev"}
	if err := writeImage(spec, dir); err != nil {
		t.Fatal(err)
	}
	_, headers, files := readImage(t, filepath.Join(dir, imageFile))
	if string(files["etc/mke2fs.conf"]) != "conf" || len(files["usr/local/bin/prog"]) != 512 {
		t.Errorf("the image's files are %v", headers)
	}
	if headers["etc"].FileInfo().Mode().Perm() != 0o700 {
		t.Error("the program's layer changed a directory of the base")
	}
}

func TestEqualInputsGiveEqualImages(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "prog")
	if err := os.WriteFile(binary, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	var archives [][]byte
	for range 2 {
		dir := t.TempDir()
		if err := writeImage(imageSpec{ref: "muster.local/prog:dev", name: "prog", binary: binary, version: "dev"}, dir); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, imageFile))
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, data)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same program gave two different images")
	}
}
