package components

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const (
	// nodeRecipe changes when node images of the same inputs come out differently.
	nodeRecipe = "1"
	// nodeLayer is the tar of everything that lies over a node's Debian packages.
	nodeLayer = ".layer.tar"
)

// nodeBuild is what one node image is made of, all of it built already.
type nodeBuild struct {
	node
	ref     string            // complete reference
	version string            // of Kubernetes, for example "v1.36.3"
	folder  string            // its folder, with files/ that lie over kind's
	base    string            // path of the root file system's tar
	binary  map[string]string // path of each program
	bases   map[string]string // path of the root file system under an image, by program
	module  string            // path@version of kind's module
	root    string            // the repository's root
	tool    *goTool
}

// write makes the image as a docker-archive in dir: Debian's packages, over them
// the files that kind's own image has, the programs, and the control plane's images.
func (b nodeBuild) write(ctx context.Context, dir string, log io.Writer) error {
	tree, err := b.tree(ctx, dir, log)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, nodeLayer)
	if err := tree.writeFile(path); err != nil {
		return fmt.Errorf("lay out the node image: %w", err)
	}
	defer os.Remove(path)
	image, err := b.assemble(path)
	if err != nil {
		return fmt.Errorf("assemble image %s: %w", b.ref, err)
	}
	tag, err := name.NewTag(b.ref, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("image %s: %w", b.ref, err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, imageFile), tag, image); err != nil {
		return fmt.Errorf("write image %s: %w", b.ref, err)
	}
	return os.Remove(filepath.Join(dir, controlPlaneFile))
}

// assemble returns the image with the settings that kind's own has: systemd as
// first process, which learns from its environment that it is in a container and
// ends on a signal of its own.
func (b nodeBuild) assemble(top string) (v1.Image, error) {
	var layers []mutate.Addendum
	for _, part := range []struct{ path, by string }{{b.base, "debian packages"}, {top, b.module + " and Kubernetes " + b.version}} {
		layer, err := tarFileLayer(part.path)
		if err != nil {
			return nil, err
		}
		layers = append(layers, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: part.by}})
	}
	return imageOf(layers, v1.Config{
		Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
		Env:        []string{imagePath, "container=docker"},
		StopSignal: "SIGRTMIN+3",
		Labels:     map[string]string{NodeImageLabel: b.version},
	})
}

// controlPlaneFile holds the images of the control plane.
const controlPlaneFile = "kubernetes.tar"

// writeControlPlane writes the images that kubeadm will ask for, under the names
// by which it will, as one docker-archive, and returns its path.
func (b nodeBuild) writeControlPlane(ctx context.Context, dir string) (string, error) {
	list, err := command{dir: dir, env: os.Environ(), argv: []string{
		b.binary["kubeadm"], "config", "images", "list", "--kubernetes-version=" + b.version,
	}}.output(ctx)
	if err != nil {
		return "", fmt.Errorf("ask kubeadm for the images of the control plane: %w", err)
	}
	refs := strings.Fields(list)
	pause, err := b.sandboxImage(ctx)
	if err != nil {
		return "", err
	}
	images := map[name.Tag]v1.Image{}
	for _, ref := range append(refs, pause) {
		tag, err := name.NewTag(ref, name.StrictValidation)
		if err != nil {
			return "", fmt.Errorf("image %s: %w", ref, err)
		}
		program := ref[strings.LastIndex(ref, "/")+1 : strings.LastIndex(ref, ":")]
		if b.binary[program] == "" {
			return "", fmt.Errorf("Kubernetes %s needs the image %s, and the node image in %s lists no program %s", b.version, ref, catalogueFile, program)
		}
		spec := imageSpec{ref: ref, name: program, version: tag.TagStr(), binary: b.binary[program], base: b.bases[program]}
		if images[tag], err = spec.assemble(); err != nil {
			return "", fmt.Errorf("assemble image %s: %w", ref, err)
		}
	}
	path := filepath.Join(dir, controlPlaneFile)
	return path, tarball.MultiWriteToFile(path, images)
}
