package release

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// decode reads the objects of a manifest without giving them types: what is applied is
// what the release says, and fields of versions that this program does not know are kept.
func decode(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("object %d of the manifest is not YAML: %w", len(objects)+1, err)
		}
		if len(object.Object) == 0 {
			continue // comments alone
		}
		if object.GetKind() == "" || object.GetName() == "" {
			return nil, fmt.Errorf("object %d of the manifest has no kind or no name", len(objects)+1)
		}
		objects = append(objects, object)
	}
}

// named finds an object of the manifest.
func named(objects []*unstructured.Unstructured, kind, name string) (*unstructured.Unstructured, bool) {
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			return object, true
		}
	}
	return nil, false
}
