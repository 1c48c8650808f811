package components

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// testCatalogue describes a repository with one pinned program that becomes an
// image, and one program of its own.
const testCatalogue = `
programs:
  - {name: hello, dir: hello, package: example.com/hello/cmd/hello, ldflags: "-X main.version={version}", image: true}
products:
  - {name: own, package: ./cmd/own}
`

// testRepo is a small repository in a temporary directory with real Go modules
// that need no network.
type testRepo struct {
	t     *testing.T
	root  string
	cache string
}

// newTestRepo returns a repository whose program prints its version.
func newTestRepo(t *testing.T) *testRepo {
	t.Helper()
	r := &testRepo{t: t, root: t.TempDir(), cache: t.TempDir()}
	r.write(catalogueFile, testCatalogue)
	r.write("components/hello/go.mod", "module example.com/pins\n\ngo 1.26\n\nrequire example.com/hello v1.2.3\n\nreplace example.com/hello => ./upstream\n")
	r.write("components/hello/go.sum", "")
	r.write("components/hello/upstream/go.mod", "module example.com/hello\n\ngo 1.26\n")
	r.write("components/hello/upstream/cmd/hello/main.go", "package main\n\nvar version string\n\nfunc main() { print(version) }\n")
	r.write("go.mod", "module example.com/repo\n\ngo 1.26\n")
	r.write("go.sum", "")
	r.write("cmd/own/main.go", "package main\n\nimport \"example.com/repo/lib\"\n\nfunc main() { print(lib.Text) }\n")
	r.write("lib/lib.go", "package lib\n\nimport _ \"embed\"\n\n//go:embed data/text\nvar Text string\n")
	r.write("lib/data/text", "first")
	r.write("other/other.go", "package other\n")
	return r
}

// write puts content into a file of the repository.
func (r *testRepo) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// options returns the options that build the repository into its cache.
func (r *testRepo) options(only ...string) Options {
	return Options{Root: r.root, Cache: r.cache, Only: only}
}

// ensure builds and fails the test on an error.
func (r *testRepo) ensure(only ...string) *Set {
	r.t.Helper()
	set, err := Ensure(context.Background(), r.options(only...))
	if err != nil {
		r.t.Fatal(err)
	}
	return set
}

// keys plans everything and returns the key of each thing by kind/name.
func (r *testRepo) keys() map[string]string {
	r.t.Helper()
	pl, err := newPlanner(context.Background(), r.options())
	if err != nil {
		r.t.Fatal(err)
	}
	units, err := pl.plan(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	keys := map[string]string{}
	for _, u := range units {
		keys[u.kind+"/"+u.name] = u.key
	}
	return keys
}

// cacheEntries lists what is in one kind of the cache, hidden work included.
func (r *testRepo) cacheEntries(kind string) []string {
	r.t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.cache, kind))
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
