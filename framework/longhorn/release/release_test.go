package release

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// wanted are the images of testdata/longhorn.yaml.
var wanted = []string{
	"docker.io/longhornio/csi-snapshotter:v8.6.0", "docker.io/longhornio/longhorn-engine:v1.12.1",
	"docker.io/longhornio/longhorn-manager:v1.12.1", "docker.io/longhornio/longhorn-ui:v1.12.1",
}

// copyManifest makes a directory with the manifest of the tests.
func copyManifest(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/longhorn.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ManifestFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// save writes an empty image under a name, as docker save does.
func save(t *testing.T, dir, file, ref string) {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, file), tag, empty.Image); err != nil {
		t.Fatal(err)
	}
}

func TestOpenTakesADirectoryThatIsComplete(t *testing.T) {
	dir := copyManifest(t)
	for i, ref := range wanted {
		// As docker save writes them: without the registry's name.
		save(t, dir, []string{"a", "b", "c", "d"}[i]+".tar", strings.TrimPrefix(ref, "docker.io/"))
	}
	r, err := Open(t.Context(), Source{Dir: dir, Version: "v1.12.1"})
	if err != nil {
		t.Fatal(err)
	}
	var refs []string
	for _, image := range r.Images {
		refs = append(refs, image.Ref)
	}
	if !slices.Equal(refs, wanted) {
		t.Errorf("images are %v, want %v", refs, wanted)
	}
	if len(r.Archives) != 4 || r.Version.Contract() != "1.12" || r.Verified {
		t.Errorf("%d archives, contract %s, verified %t; want 4 archives of contract 1.12, not verified", len(r.Archives), r.Version.Contract(), r.Verified)
	}
}

func TestOpenNamesAllImagesThatAreMissing(t *testing.T) {
	dir := copyManifest(t)
	save(t, dir, "manager.tar", wanted[2])
	save(t, dir, "other.tar", "longhornio/longhorn-engine:v1.11.0")
	_, err := Open(t.Context(), Source{Dir: dir})
	if err == nil {
		t.Fatal("a directory without images was taken")
	}
	for _, ref := range []string{wanted[0], wanted[1], wanted[3], "3 of 4"} {
		if !strings.Contains(err.Error(), ref) {
			t.Errorf("error %q does not name %s", err, ref)
		}
	}
	if strings.Contains(err.Error(), "longhorn-manager:") {
		t.Errorf("error %q names an image that is there", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir, odd := copyManifest(t), copyManifest(t)
	if err := writeTar(filepath.Join(odd, "x.tar"), "README", nil); err != nil {
		t.Fatal(err)
	}
	for want, source := range map[string]Source{
		"LONGHORN_VERSION=v1.12.1":       {},
		"did you mean v1.12.1":           {Version: "v1.12.l"},
		"has no longhorn.yaml":           {Dir: t.TempDir()},
		"v1.12.1, and v1.11.0 was":       {Dir: dir, Version: "v1.11.0"},
		"is no archive of images: write": {Dir: odd},
	} {
		if _, err := Open(t.Context(), source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error for %+v is %v, want one with %q", source, err, want)
		}
	}
}

func TestAPublishedManifestIsTakenFromTheCacheOnlyWithItsChecksum(t *testing.T) {
	const version = "v1.99.0"
	releases[version] = known{Manifest: sumOf([]byte("kind: Good"))}
	defer delete(releases, version)
	cache := t.TempDir()
	file := filepath.Join(cache, "longhorn", version, ManifestFile)
	if err := keep(file, []byte("kind: Good")); err != nil {
		t.Fatal(err)
	}
	text, err := published(t.Context(), Source{Version: version, Cache: cache})
	if err != nil || string(text) != "kind: Good" {
		t.Errorf("the kept manifest is %q, %v", text, err)
	}
	if err := keep(file, []byte("kind: Changed")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the network is not asked
	if text, err := published(ctx, Source{Version: version, Cache: cache}); err == nil {
		t.Errorf("a manifest with another checksum was taken: %q", text)
	}
}

func TestVersions(t *testing.T) {
	for text, contract := range map[string]string{"v1.12.1": "1.12", "v1.4.0-rc2": "1.4", "1.12.1": "", "v1.12": "", "v9.9.9": "", "latest": ""} {
		version, err := ParseVersion(text)
		if (err == nil) != (contract != "") || err == nil && version.Contract() != contract {
			t.Errorf("%s has contract %q, %v; want %q", text, version.Contract(), err, contract)
		}
	}
}

func TestOCIArchivesCountByWholeNamesOnly(t *testing.T) {
	path, err := layout.Write(t.TempDir(), empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	for _, annotations := range []map[string]string{
		{refName: "v1.12.1"}, {refName: "docker.io/longhornio/a:v1"}, {refName: "v1", containerdName: "docker.io/longhornio/b:v1"},
	} {
		if err := path.AppendImage(empty.Image, layout.WithAnnotations(annotations)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(string(path), ociIndex))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "oci.tar.gz")
	if err := writeTar(file, "./"+ociIndex, text); err != nil {
		t.Fatal(err)
	}
	refs, err := imagesIn(file)
	if want := []string{"docker.io/longhornio/a:v1", "docker.io/longhornio/b:v1"}; err != nil || !slices.Equal(refs, want) {
		t.Errorf("images are %v, %v; want %v", refs, err, want)
	}
}
