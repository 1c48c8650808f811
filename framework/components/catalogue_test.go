package components

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// TestCataloguePinsWhatItBuilds compares the real catalogue with the tool
// directives of the go.mod files beside it: each package is pinned by one, and
// each is built.
func TestCataloguePinsWhatItBuilds(t *testing.T) {
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := readCatalogue(root)
	if err != nil {
		t.Fatal(err)
	}
	built := map[string][]string{}
	for _, p := range cat.Programs {
		if version, err := cat.programVersion(root, p); err != nil || !strings.HasPrefix(version, "v") {
			t.Errorf("the version of %s is %q (%v)", p.Name, version, err)
		}
		if p.Package != "." {
			built[p.Dir] = append(built[p.Dir], p.Package)
		}
	}
	for dir, packages := range built {
		path := filepath.Join(root, "components", dir, "go.mod")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		mod, err := modfile.Parse(path, data, nil)
		if err != nil {
			t.Fatal(err)
		}
		var tools []string
		for _, tool := range mod.Tool {
			tools = append(tools, tool.Path)
		}
		slices.Sort(tools)
		slices.Sort(packages)
		if !slices.Equal(tools, packages) {
			t.Errorf("%s pins the tools %v and the catalogue builds %v", path, tools, packages)
		}
	}
}

func TestCatalogueIsReadStrictly(t *testing.T) {
	cases := map[string]string{
		"programs: [{name: a, dir: a, package: a, flavour: x}]":                          `unknown field "flavour"`,
		"programs: [{name: a, dir: a}]":                                                  "needs name, dir and package",
		"programs: [{name: a, dir: a, package: a}]\nproducts: [{name: a, package: ./a}]": `"a" is given twice`,
		"products: [{name: a}]":                                                          "needs name and package",
		"programs: [{name: a, dir: a, package: a, base: b}]":                             "has a base and no image",
		"images: [{name: a, base: a}]":                                                   "needs name, ref and base",
		"manifests: [{name: a}]":                                                         "needs name, module and files",
	}
	for text, want := range cases {
		r := newTestRepo(t)
		r.write(catalogueFile, text)
		if _, err := readCatalogue(r.root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngave %v, want %q", text, err, want)
		}
	}
}

func TestExpandVersion(t *testing.T) {
	const pseudo = "v0.0.0-20260212201848-7aac2a2c5b7c"
	cases := []struct{ text, version, want string }{
		{"", "v1.36.3", ""},
		{"v={version} {major}.{minor}", "v1.36.3", "v=v1.36.3 1.36"},
		{"RELEASE.{date}", pseudo, "RELEASE.2026-02-12"},
	}
	for _, c := range cases {
		if got, err := expandVersion(c.text, c.version); err != nil || got != c.want {
			t.Errorf("%q with %s gave %q (%v), want %q", c.text, c.version, got, err, c.want)
		}
	}
	for text, version := range map[string]string{"{date}": "v1.0.0", "{patch}": "v1.0.0"} {
		if got, err := expandVersion(text, version); err == nil {
			t.Errorf("%q with %s gave %q, want an error", text, version, got)
		}
	}
}

func TestManifestsAreTheModulesCRDs(t *testing.T) {
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	set, err := Ensure(context.Background(), Options{
		Root: root, Cache: t.TempDir(), Only: []string{"snapshot-crds", "longhorn-crds"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"snapshot-crds": {"volumesnapshots.snapshot", "volumesnapshotclasses.snapshot", "volumesnapshotcontents.snapshot"},
		"longhorn-crds": {"volumes.longhorn", "snapshots.longhorn", "nodes.longhorn", "recurringjobs.longhorn"},
	} {
		data, err := set.Manifest(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, crd := range want {
			if !bytes.Contains(data, []byte("\n  name: "+crd)) {
				t.Errorf("%s lacks the CRD %s", name, crd)
			}
		}
		if bytes.Contains(data, []byte("{{")) || bytes.Contains(data, []byte("groupsnapshot.storage.k8s.io\n")) {
			t.Errorf("%s holds a template or a group snapshot CRD", name)
		}
	}
	if _, err := set.Manifest("absent"); err == nil {
		t.Error("a manifest that does not exist was returned")
	}
}

func TestCheckCRDsRefusesOtherThings(t *testing.T) {
	for _, stream := range []string{"", "---\n# nothing\n", "---\nkind: Secret\n", "---\n- {{ template }}\n"} {
		if checkCRDs([]byte(stream)) == nil {
			t.Errorf("%q passed as CRDs", stream)
		}
	}
}
