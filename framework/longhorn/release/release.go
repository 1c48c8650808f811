// Package release brings a release of Longhorn into a cluster: its manifest, from a
// directory or from where Longhorn publishes it, the images that the manifest names,
// the few changes that a test cluster needs, and a wait that says what it waits for and
// ends as soon as it is known to be in vain. Nothing of Longhorn is in this repository
// but the checksums of manifests.
package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ManifestFile is the name of a release's manifest, in a directory as where it is published.
const ManifestFile = "longhorn.yaml"

// Source says where a release comes from.
type Source struct {
	// Version is that of the release, such as v1.12.1; it may be left out where Dir has a manifest.
	Version string
	// Dir has the manifest and archives of all images; "" downloads the manifest, and the nodes pull.
	Dir string
	// Cache keeps downloaded manifests.
	Cache string
}

// Release is a release of Longhorn that can be installed.
type Release struct {
	// Version is that of the release.
	Version Version
	// Objects are what the manifest has, as it has them.
	Objects []*unstructured.Unstructured
	// Images are those that the manifest names.
	Images []Image
	// Archives have all of them, by path; none when the nodes pull.
	Archives []string
	// Verified says that the manifest is the published one, by its checksum.
	Verified bool
	// Dir is where the release lies, "" when it was downloaded.
	Dir string
}

// Open reads a release and refuses one that is not complete.
func Open(ctx context.Context, source Source) (*Release, error) {
	text, err := manifest(ctx, source)
	if err != nil {
		return nil, err
	}
	r := &Release{Dir: source.Dir}
	if r.Objects, err = decode(text); err != nil {
		return nil, err
	}
	if r.Images, err = imagesOf(r.Objects); err != nil {
		return nil, err
	}
	if r.Version, err = versionOf(r.Images, source.Version); err != nil {
		return nil, err
	}
	r.Verified = releases[r.Version.String()].Manifest == sumOf(text)
	if source.Dir != "" {
		r.Archives, err = archivesFor(source.Dir, r.Images)
	}
	return r, err
}

// manifest reads the text from the directory, or gets it.
func manifest(ctx context.Context, source Source) ([]byte, error) {
	if source.Dir == "" {
		if source.Version == "" {
			return nil, errors.New("which Longhorn is not said: give LONGHORN_VERSION=v1.12.1 (--longhorn-version), or a directory with its manifest and images, LONGHORN_DIR=<directory> (--longhorn-dir)")
		}
		return published(ctx, source)
	}
	text, err := os.ReadFile(filepath.Join(source.Dir, ManifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("LONGHORN_DIR %s has no %s: put the manifest of the release there, with the archives of its images; it is published at %s",
			source.Dir, ManifestFile, address(cmp.Or(source.Version, "<version>")))
	}
	if err != nil {
		return nil, fmt.Errorf("read the release's manifest: %w", err)
	}
	return text, nil
}

// versionOf reads the version from the image of the manager, and refuses another than the one that was asked for.
func versionOf(images []Image, asked string) (Version, error) {
	const manager = "longhorn-manager"
	image, found := find(images, manager)
	if !found {
		return Version{}, fmt.Errorf("the manifest names no image %s: it is not the %s of a Longhorn release", manager, ManifestFile)
	}
	version, err := ParseVersion(image.Tag())
	if err != nil {
		return Version{}, fmt.Errorf("the manifest's image %s: %w", image.Ref, err)
	}
	if asked != "" && asked != version.String() {
		return Version{}, fmt.Errorf("the manifest is that of Longhorn %s, and %s was asked for: correct LONGHORN_VERSION, or take the other's manifest", version, asked)
	}
	return version, nil
}
