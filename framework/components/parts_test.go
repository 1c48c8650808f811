package components

import (
	"os"
	"path/filepath"
	"testing"
)

// withParts is a product with more programs beside it.
const withParts = testCatalogue + `
  - name: whole
    package: ./cmd/own
    parts:
      - {name: lib.test, package: ./lib, test: true}
`

func TestAnImageHasThePartsOfItsProduct(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, withParts)
	r.write("lib/lib_test.go", "package lib\n\nimport (\n\t\"testing\"\n\n\t_ \"example.com/repo/other\"\n)\n\nfunc TestText(*testing.T) {}\n")
	set := r.ensure("whole")
	_, headers, _ := readImage(t, set.Images()[0].Tar)
	for _, name := range []string{"usr/local/bin/whole", "usr/local/bin/lib.test"} {
		if header := headers[name]; header == nil || header.Mode != 0o755 || header.Size == 0 {
			t.Errorf("the image has %s as %+v", name, header)
		}
	}
	path := filepath.Join(t.TempDir(), "image.tar")
	if ref, err := set.WriteImage(path, "registry.example.org/whole:2"); err != nil || ref != "registry.example.org/whole:2" {
		t.Fatalf("the image is written as %s: %v", ref, err)
	}
	if _, written, _ := readImage(t, path); len(written) != len(headers) {
		t.Errorf("the file has %d entries, want %d", len(written), len(headers))
	}
	before := r.keys()
	r.write("other/other.go", "package other\n\nconst More = 1\n")
	for name, changed := range map[string]bool{"products/lib.test": true, "product-images/whole": true, "products/whole": false} {
		if got := r.keys()[name] != before[name]; got != changed {
			t.Errorf("when what only the tests import changes, the key of %s changes: %t, want %t", name, got, changed)
		}
	}
}

func TestWhatIsNoImageIsNotWritten(t *testing.T) {
	r := newTestRepo(t)
	set := r.ensure("own")
	path := filepath.Join(t.TempDir(), "image.tar")
	if _, err := set.WriteImage(path, "not a reference"); err == nil {
		t.Error("a wrong reference is no error")
	}
	if _, err := (&Set{}).WriteImage(path, ""); err == nil {
		t.Error("a set without images is no error")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was written all the same")
	}
}
