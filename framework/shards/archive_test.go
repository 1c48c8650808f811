package shards

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsPackedArrives(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"ginkgo.json": "[]", "failed/a-spec/why.txt": "because"} {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	if err := Pack(&packed, from); err != nil {
		t.Fatal(err)
	}
	whole := packed.Bytes()
	if err := Unpack(bytes.NewReader(whole), to, "2"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"shards/2/ginkgo.json": "[]", "failed/a-spec/why.txt": "because"} {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != want {
			t.Errorf("%s has %q (%v), want %q", name, got, err, want)
		}
	}
	if err := Unpack(bytes.NewReader(whole[:len(whole)/2]), t.TempDir(), "2"); err == nil {
		t.Error("half of a result is taken for a whole one")
	}
}

func TestNothingIsWrittenOutside(t *testing.T) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	if err := archive.WriteHeader(&tar.Header{Name: "../../../outside", Typeflag: tar.TypeReg, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	zip.Close()
	dir := t.TempDir()
	if err := Unpack(&packed, filepath.Join(dir, "output"), "1"); err == nil {
		t.Error("a file outside of the output directory is no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "outside")); err == nil {
		t.Error("a file was written outside of the output directory")
	}
}
