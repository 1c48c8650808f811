package components

import (
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// WriteImage writes the only image of the set as a docker-archive to a file, under the
// reference as, or its own where as is "", and returns that reference.
func (s *Set) WriteImage(path, as string) (string, error) {
	if len(s.images) == 0 {
		return "", errors.New("it is no image but a program or manifest: muster components lists in its last column which are images")
	}
	of := s.images[0]
	if as == "" {
		as = of.Ref
	}
	tag, err := name.NewTag(as)
	if err != nil {
		return "", fmt.Errorf("%q is not a reference such as registry.example.org/muster/muster-suite:1: %w", as, err)
	}
	image, err := tarball.ImageFromPath(of.Tar, nil)
	if err != nil {
		return "", fmt.Errorf("read image %s from the cache: %w", of.Ref, err)
	}
	if err := tarball.WriteToFile(path, tag, image); err != nil {
		return "", fmt.Errorf("write image %s to %s: %w", as, path, err)
	}
	return as, nil
}
