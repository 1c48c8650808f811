package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/muster-csi/muster/framework/timeouts"
)

// largestManifest bounds a download, in bytes; that of v1.12.1 has 207 kB.
const largestManifest = 16 << 20

// address is where Longhorn publishes the manifest of a version.
func address(version string) string {
	return "https://raw.githubusercontent.com/longhorn/longhorn/" + version + "/deploy/" + ManifestFile
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// published returns the manifest of a version from the cache, or downloads it. What has
// not the known checksum is never used.
func published(ctx context.Context, source Source) ([]byte, error) {
	release, found := releases[source.Version]
	if !found {
		return nil, fmt.Errorf("the checksum of Longhorn %s is not known, did you mean %s? Else look at %s, and give a directory with it: LONGHORN_DIR=<directory>",
			source.Version, suggestion(source.Version), address(source.Version))
	}
	kept := filepath.Join(source.Cache, "longhorn", source.Version, ManifestFile)
	if text, err := os.ReadFile(kept); err == nil && sumOf(text) == release.Manifest {
		return text, nil
	}
	text, err := download(ctx, address(source.Version))
	if err != nil {
		return nil, fmt.Errorf("download the manifest of Longhorn %s: %w; without a network give a directory with it and the images: LONGHORN_DIR=<directory>", source.Version, err)
	}
	if got := sumOf(text); got != release.Manifest {
		return nil, fmt.Errorf("the manifest at %s has the SHA-256 %s, not %s: it is not what was released, or something between has changed it", address(source.Version), got, release.Manifest)
	}
	return text, keep(kept, text)
}

func download(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeouts.ManifestDownloaded.Limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, largestManifest+1))
	if err == nil && len(text) > largestManifest {
		err = errors.New(url + " is far larger than a manifest")
	}
	return text, err
}

// keep writes the manifest so that it is there as a whole or not at all.
func keep(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("keep the manifest: %w", err)
	}
	unfinished := file + ".new"
	if err := os.WriteFile(unfinished, text, 0o644); err != nil {
		return fmt.Errorf("keep the manifest: %w", err)
	}
	return os.Rename(unfinished, file)
}
