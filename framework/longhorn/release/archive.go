package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

const (
	dockerManifest = "manifest.json" // of docker save: what each image is called
	ociIndex       = "index.json"    // of an OCI layout

	// containerdName has the whole name, refName whatever who wrote the archive has put there.
	containerdName = "io.containerd.image.name"
	refName        = "org.opencontainers.image.ref.name"

	// largestIndex bounds what is read of those files, in bytes.
	largestIndex = 8 << 20
)

// imagesIn lists the images in an archive of docker save or of an OCI layout, which may be
// compressed by gzip, as their writer has named them.
func imagesIn(file string) ([]string, error) {
	archive, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	stream, err := plain(archive)
	if err != nil {
		return nil, err
	}
	var refs []string
	index := false
	for entries := tar.NewReader(stream); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("it is no archive of images: %w", err)
		}
		read := map[string]func([]byte) ([]string, error){dockerManifest: dockerNames, ociIndex: ociNames}[path.Clean(entry.Name)]
		if read == nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(entries, largestIndex))
		if err != nil {
			return nil, err
		}
		names, err := read(text)
		if err != nil {
			return nil, fmt.Errorf("%s in it: %w", entry.Name, err)
		}
		index, refs = true, append(refs, names...)
	}
	if !index {
		return nil, fmt.Errorf("it has neither %s nor %s, so it is no archive of images: write it anew with docker save", dockerManifest, ociIndex)
	}
	return refs, nil
}

// plain takes away the compression, if there is one. Without one the layers, which are
// most of an archive, are passed over instead of read.
func plain(file io.ReadSeeker) (io.Reader, error) {
	magic := make([]byte, 2)
	_, err := io.ReadFull(file, magic)
	if _, back := file.Seek(0, io.SeekStart); back != nil {
		return nil, back
	}
	if err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return gzip.NewReader(file)
	}
	return file, nil
}

func dockerNames(text []byte) ([]string, error) {
	var images []struct{ RepoTags []string }
	if err := json.Unmarshal(text, &images); err != nil {
		return nil, err
	}
	var refs []string
	for _, image := range images {
		refs = append(refs, image.RepoTags...)
	}
	return refs, nil
}

// ociNames takes whole names only: a bare tag says nothing of the image, and is imported
// under a name that nobody asks for.
func ociNames(text []byte) ([]string, error) {
	var index struct {
		Manifests []struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"manifests"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, err
	}
	var refs []string
	for _, manifest := range index.Manifests {
		ref := manifest.Annotations[containerdName]
		if ref == "" {
			ref = manifest.Annotations[refName]
		}
		if strings.Contains(ref, "/") {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}
