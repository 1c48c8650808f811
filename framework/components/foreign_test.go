package components

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeBase stores a root file system of one file where the plan expects it, as if
// it had been made of Debian packages.
func (r *testRepo) writeBase(name string) {
	r.t.Helper()
	r.write("components/"+name+"/packages", "busybox-static\n")
	r.write("components/"+name+"/customize.sh", "#!/bin/sh\n")
	base := debianBase{dir: filepath.Join(r.root, "components", name), suite: debianSuite()}
	key, err := base.key()
	if err != nil {
		r.t.Fatal(err)
	}
	dir := filepath.Join(r.cache, "bases", slot{"bases", name, key}.String())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, baseFile))
	if err != nil {
		r.t.Fatal(err)
	}
	defer file.Close()
	w := tar.NewWriter(file)
	if err := (tarEntry{name: "etc/motd", mode: 0o644, content: "hello"}).write(w); err != nil {
		r.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
}

func TestAnImageUnderTheNameOfOthersIsTheBaseWithAShell(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, testCatalogue+"images:\n  - {name: theirs, ref: \"registry.example/box:1.2\", base: box, optional: true}\n")
	r.writeBase("box")
	if images := r.ensure().Images(); len(images) != 2 {
		t.Errorf("nobody asked for it, and the images are %v", images)
	}
	images := r.ensure("theirs").Images()
	if len(images) != 1 || images[0].Ref != "registry.example/box:1.2" {
		t.Fatalf("the images are %v", images)
	}
	image, _, files := readImage(t, images[0].Tar)
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.Entrypoint != nil || !cmp.Equal(config.Config.Cmd, []string{"sh"}) || string(files["etc/motd"]) != "hello" {
		t.Errorf("it runs %q %q and has %q", config.Config.Entrypoint, config.Config.Cmd, files["etc/motd"])
	}
}

func TestAProgramsImageLiesOnItsBase(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, strings.Replace(testCatalogue, "image: true}", "image: true, base: box}", 1))
	r.writeBase("box")
	_, _, files := readImage(t, r.ensure("hello").Images()[0].Tar)
	if string(files["etc/motd"]) != "hello" || len(files["usr/local/bin/hello"]) == 0 {
		t.Errorf("the base has %q, the program %d bytes", files["etc/motd"], len(files["usr/local/bin/hello"]))
	}
}

// TestTheStorageTestsAreThoseOfTheCluster compares the pins of two folders, which
// nothing else keeps together.
func TestTheStorageTestsAreThoseOfTheCluster(t *testing.T) {
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	const kubernetes = "k8s.io/kubernetes"
	cluster, err := requiredVersion(filepath.Join(root, "components", "kubernetes"), kubernetes)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := requiredVersion(filepath.Join(root, "components", "storage-e2e"), kubernetes)
	if err != nil || tests != cluster {
		t.Errorf("the storage tests are of Kubernetes %s (%v), the cluster is %s", tests, err, cluster)
	}
}
