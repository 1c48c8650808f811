package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Image is an image that a release needs.
type Image struct {
	// Ref is the reference as the manifest has it.
	Ref string
}

// Name is the last part of the reference without its tag, such as longhorn-manager.
func (i Image) Name() string {
	repository, _, _ := strings.Cut(i.Ref[strings.LastIndex(i.Ref, "/")+1:], ":")
	return repository
}

// Tag is the tag of the reference, "" for none.
func (i Image) Tag() string {
	_, tag, _ := strings.Cut(i.Ref[strings.LastIndex(i.Ref, "/")+1:], ":")
	return tag
}

// complete is the one form that all ways to write a reference have in common.
func complete(ref string) (string, error) {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return "", err
	}
	return parsed.Name(), nil
}

// imageFlag and imageVariable end what says to Longhorn which image it is to start itself.
const (
	imageFlag     = "-image"
	imageVariable = "_IMAGE"
)

// imagesOf lists the images that the manifest's pods run, and those that they are told
// to start, by flags as --engine-image and variables as CSI_ATTACHER_IMAGE. Each is there once.
func imagesOf(objects []*unstructured.Unstructured) ([]Image, error) {
	refs := map[string]bool{}
	for _, object := range objects {
		for _, field := range []string{"initContainers", "containers"} {
			containers, _, err := unstructured.NestedSlice(object.Object, "spec", "template", "spec", field)
			if err != nil {
				return nil, fmt.Errorf("%s %s of the manifest: %w", object.GetKind(), object.GetName(), err)
			}
			for _, container := range containers {
				if fields, ok := container.(map[string]any); ok {
					collect(fields, refs)
				}
			}
		}
	}
	var images []Image
	for ref := range refs {
		if _, err := complete(ref); err != nil {
			return nil, fmt.Errorf("the manifest names an image that cannot be: %w", err)
		}
		images = append(images, Image{Ref: ref})
	}
	slices.SortFunc(images, func(a, b Image) int { return strings.Compare(a.Ref, b.Ref) })
	return images, nil
}

// collect adds the images that a container runs or is told of.
func collect(container map[string]any, refs map[string]bool) {
	if ref, ok := container["image"].(string); ok {
		refs[ref] = true
	}
	for _, field := range []string{"command", "args"} {
		words, _, _ := unstructured.NestedStringSlice(container, field)
		for i, word := range words[:max(0, len(words)-1)] {
			if strings.HasPrefix(word, "--") && strings.HasSuffix(word, imageFlag) {
				refs[words[i+1]] = true
			}
		}
	}
	variables, _, _ := unstructured.NestedSlice(container, "env")
	for _, variable := range variables {
		fields, _ := variable.(map[string]any)
		key, _ := fields["name"].(string)
		if value, ok := fields["value"].(string); ok && strings.HasSuffix(key, imageVariable) {
			refs[value] = true
		}
	}
}

// find returns the image of that name.
func find(images []Image, wanted string) (Image, bool) {
	i := slices.IndexFunc(images, func(image Image) bool { return image.Name() == wanted })
	if i < 0 {
		return Image{}, false
	}
	return images[i], true
}
