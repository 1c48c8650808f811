package release

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// decode reads the objects of a manifest without giving them types: what is applied is
// what the release says, and fields of versions that this program does not know are kept.
func decode(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		var raw runtime.RawExtension
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("object %d of the manifest is not YAML: %w", len(objects)+1, err)
		}
		if len(raw.Raw) == 0 || string(raw.Raw) == "null" {
			continue // comments alone
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(raw.Raw); err != nil {
			return nil, fmt.Errorf("object %d of the manifest is none of Kubernetes: %w", len(objects)+1, err)
		}
		if object.GetName() == "" {
			return nil, fmt.Errorf("object %d of the manifest, a %s, has no name", len(objects)+1, object.GetKind())
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
