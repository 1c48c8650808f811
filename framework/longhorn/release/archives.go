package release

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// archivesFor returns the archives of a directory that have the images, each once and by
// path. When images are missing the error names all of them.
func archivesFor(dir string, images []Image) ([]string, error) {
	holding, err := heldIn(dir)
	if err != nil {
		return nil, err
	}
	var missing, archives []string
	for _, image := range images {
		ref, err := complete(image.Ref)
		if err != nil {
			return nil, err
		}
		if archive, found := holding[ref]; found {
			archives = append(archives, archive)
		} else {
			missing = append(missing, image.Ref)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("LONGHORN_DIR %s lacks %d of %d images that its manifest needs: %s; put a tar of each there, as docker save or skopeo copy docker-archive: write them",
			dir, len(missing), len(images), strings.Join(missing, ", "))
	}
	slices.Sort(archives)
	return slices.Compact(archives), nil
}

// heldIn maps the complete reference of each image in the directory's archives to the archive.
func heldIn(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tar*"))
	if err != nil {
		return nil, fmt.Errorf("list the archives in %s: %w", dir, err)
	}
	holding := map[string]string{}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue
		}
		refs, err := imagesIn(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, ref := range refs {
			if ref, err = complete(ref); err == nil {
				holding[ref] = file
			}
		}
	}
	return holding, nil
}
