package components

import (
	"os"
	"strings"
	"testing"
)

// TestKeyFollowsItsInputs changes one input at a time and looks whose key changes.
func TestKeyFollowsItsInputs(t *testing.T) {
	const program, image = "components/hello", "images/hello"
	const own, ownImage = "products/own", "product-images/own"
	cases := []struct {
		change  string
		apply   func(r *testRepo)
		changed []string
	}{
		{"nothing", func(*testRepo) {}, nil},
		{"a pin's checksum", func(r *testRepo) { r.write("components/hello/go.sum", "example.com/x v1.0.0 h1:a=\n") }, []string{program, image}},
		{"a pin", func(r *testRepo) {
			r.write("components/hello/go.mod", "module example.com/pins\n\ngo 1.26\n\nrequire example.com/hello v1.2.4\n\nreplace example.com/hello => ./upstream\n")
		}, []string{program, image}},
		{"a linker flag", func(r *testRepo) {
			r.write(catalogueFile, strings.Replace(testCatalogue, "{version}", "v-{version}", 1))
		}, []string{program, image}},
		{"a build tag", func(r *testRepo) {
			r.write(catalogueFile, strings.Replace(testCatalogue, "image: true", "image: true, tags: x", 1))
		}, []string{program, image}},
		{"cgo", func(r *testRepo) {
			r.write(catalogueFile, strings.Replace(testCatalogue, "image: true", "image: true, cgo: true", 1))
		}, []string{program, image}},
		{"the image's tag", func(r *testRepo) {
			r.write(catalogueFile, strings.Replace(testCatalogue, "image: true", "image: true, tag: t", 1))
		}, []string{image}},
		{"an imported package", func(r *testRepo) { r.write("lib/lib.go", "package lib\n\nvar Text string\n") }, []string{own, ownImage}},
		{"an embedded file", func(r *testRepo) { r.write("lib/data/text", "second") }, []string{own, ownImage}},
		{"a package that is not imported", func(r *testRepo) { r.write("other/other.go", "package other // new\n") }, nil},
		{"a test", func(r *testRepo) { r.write("lib/lib_test.go", "package lib\n") }, nil},
	}
	for _, c := range cases {
		t.Run(c.change, func(t *testing.T) {
			r := newTestRepo(t)
			before := r.keys()
			c.apply(r)
			want := map[string]bool{}
			for _, name := range c.changed {
				want[name] = true
			}
			for name, key := range r.keys() {
				if (key != before[name]) != want[name] {
					t.Errorf("the key of %s changed: %v, want %v", name, key != before[name], want[name])
				}
			}
		})
	}
}

func TestKeyTellsPartsApart(t *testing.T) {
	if newKeyer("ab", "c").key() == newKeyer("a", "bc").key() {
		t.Error("two lists of parts have the same key")
	}
}

func TestKeyNeedsReadableInputs(t *testing.T) {
	r := newTestRepo(t)
	if err := os.Remove(r.root + "/go.sum"); err != nil {
		t.Fatal(err)
	}
	if err := newKeyer().addSources(r.root, "./cmd/own", false); err == nil {
		t.Error("a key was made although go.sum is missing")
	}
}
