package components

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const (
	// imagePrefix begins the reference of every image built here; no registry
	// answers to it, so a pull that should not happen fails at once.
	imagePrefix = "muster.local/"
	// imageFile is the image's docker-archive in its directory of the cache.
	imageFile = "image.tar"
	// imageRecipe changes when images of the same inputs come out differently.
	imageRecipe = "1"
)

// imageSpec is what one image is made of.
type imageSpec struct {
	ref     string // complete reference
	name    string // of the program, which becomes the entrypoint
	binary  string // path of the static program, or none: then the base alone, with a shell
	base    string // path of a root file system's tar, or none
	version string
	beside  []namedFile // more programs in /usr/local/bin
}

// namedFile is a program on this machine and its name in an image.
type namedFile struct{ name, path string }

// writeImage writes the image as a docker-archive to dir/image.tar.
func writeImage(spec imageSpec, dir string) error {
	tag, err := name.NewTag(spec.ref, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("image %s: %w", spec.ref, err)
	}
	image, err := spec.assemble()
	if err != nil {
		return fmt.Errorf("assemble image %s: %w", spec.ref, err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, imageFile), tag, image); err != nil {
		return fmt.Errorf("write image %s: %w", spec.ref, err)
	}
	return nil
}

// assemble returns the image: the base layer if any, the binary's layer if any, and
// a configuration that runs the binary or else a shell.
func (spec imageSpec) assemble() (v1.Image, error) {
	var adds []mutate.Addendum
	if spec.base != "" {
		base, err := tarFileLayer(spec.base)
		if err != nil {
			return nil, err
		}
		adds = append(adds, mutate.Addendum{Layer: base, History: v1.History{CreatedBy: "debian packages"}})
	}
	run := v1.Config{Cmd: []string{"sh"}}
	if spec.binary != "" {
		binary, err := binaryLayer(spec.binary, spec.name, spec.base == "")
		if err != nil {
			return nil, err
		}
		adds = append(adds, mutate.Addendum{Layer: binary, History: v1.History{CreatedBy: spec.name + " " + spec.version}})
		run = v1.Config{Entrypoint: []string{"/usr/local/bin/" + spec.name}}
	}
	for _, more := range spec.beside {
		binary, err := binaryLayer(more.path, more.name, false)
		if err != nil {
			return nil, err
		}
		adds = append(adds, mutate.Addendum{Layer: binary, History: v1.History{CreatedBy: more.name + " " + spec.version}})
	}
	run.Env = []string{imagePath}
	run.Labels = map[string]string{"org.opencontainers.image.version": spec.version}
	return imageOf(adds, run)
}

// imagePath is where programs are found in every image.
const imagePath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// imageOf puts layers together to an image with that configuration, the same bytes each time.
func imageOf(layers []mutate.Addendum, config v1.Config) (v1.Image, error) {
	image, err := mutate.Append(empty.Image, layers...)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Created = v1.Time{Time: layerTime}
	file.Config = config
	return mutate.ConfigFile(image, file)
}
