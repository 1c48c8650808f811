package components

import (
	"slices"
	"strings"
	"testing"
)

// nodePlan plans the real catalogue's node image and returns its unit and all.
func nodePlan(t *testing.T, only ...string) []unit {
	t.Helper()
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	pl, err := newPlanner(t.Context(), Options{Root: root, Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	units, err := pl.plan(only)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

func TestNodeImageBringsWhatItIsMadeOf(t *testing.T) {
	units := nodePlan(t, "kind-node")
	at := func(kind, name string) int {
		return slices.IndexFunc(units, func(u unit) bool { return u.kind == kind && u.name == name })
	}
	image := at("node-images", "kind-node")
	if image < 0 {
		t.Fatal("no node image is planned")
	}
	for _, part := range []struct{ kind, name string }{
		{"components", "kubelet"}, {"components", "containerd"}, {"components", "crictl"}, {"components", "etcd"},
		{"bases", "kind-node"}, {"bases", "kube-proxy-base"},
	} {
		if i := at(part.kind, part.name); i < 0 || i > image {
			t.Errorf("%s %s is unit %d, the image that needs it %d", part.kind, part.name, i, image)
		}
	}
	// Whoever has the tag in an engine has this content.
	if u := units[image]; u.ref != "muster.local/kind-node:"+u.version+"-"+u.key || !strings.HasPrefix(u.version, "v1.") {
		t.Errorf("the image is %s of Kubernetes %s", u.ref, u.version)
	}
}

func TestNodeImageIsBuiltForWhoAsksOnly(t *testing.T) {
	for _, u := range nodePlan(t) {
		if u.kind == "node-images" || u.name == "crictl" || u.name == "kube-proxy-base" {
			t.Errorf("%s %s is built for everybody", u.kind, u.name)
		}
	}
}

func TestNodeImageNamesKnownPrograms(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, testCatalogue+"nodes:\n  - {name: n, base: b, module: m, files: f, programs: {usr/bin: [hello, gone]}}\n")
	if _, err := readCatalogue(r.root); err == nil || !strings.Contains(err.Error(), `no program "gone"`) {
		t.Errorf("a node image with a program that nobody builds: %v", err)
	}
}
