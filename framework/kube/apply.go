package kube

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/e2e-framework/klient/decoder"
	"sigs.k8s.io/e2e-framework/klient/k8s"

	"github.com/muster-csi/muster/framework/runid"
)

// fieldManager is the name under which muster owns the fields it applies.
const fieldManager = "muster"

// Decode reads every YAML file of dir in fsys, in the order of the file names.
func Decode(ctx context.Context, fsys fs.FS, dir string) ([]*unstructured.Unstructured, error) {
	objects, err := decoder.DecodeAllFiles(ctx, fsys, dir+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("cannot read the manifests in %s: %w", dir, err)
	}
	return toUnstructured(objects)
}

// DecodeBytes reads the objects of one YAML text.
func DecodeBytes(ctx context.Context, text []byte) ([]*unstructured.Unstructured, error) {
	objects, err := decoder.DecodeAll(ctx, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("cannot read the manifest: %w", err)
	}
	return toUnstructured(objects)
}

func toUnstructured(objects []k8s.Object) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for _, object := range objects {
		kind := object.GetObjectKind().GroupVersionKind()
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return nil, fmt.Errorf("cannot convert %s %s: %w", kind.Kind, object.GetName(), err)
		}
		// A typed object carries an empty status, which is not ours to apply.
		delete(content, "status")
		out = append(out, &unstructured.Unstructured{Object: content})
	}
	return out, nil
}

// Apply makes the cluster hold the objects as given, one after the other, by
// server-side apply. It may be called again with the same or changed objects, which
// are changed as Making says.
func (c *Client) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, object := range objects {
		resource, err := c.resource(object)
		if err != nil {
			return err
		}
		if err := c.mine(ctx, resource, object); err != nil {
			return err
		}
		c.markManifest(object)
		options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
		if _, err := resource.Apply(ctx, object.GetName(), object, options); err != nil {
			return fmt.Errorf("cannot apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// mine refuses to replace an object that is not of the client's run: it would be removed with the run.
func (c *Client) mine(ctx context.Context, resource dynamic.ResourceInterface, object *unstructured.Unstructured) error {
	if c.Run == "" {
		return nil
	}
	there, err := resource.Get(ctx, object.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && runid.Of(there) == c.Run {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look for %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return fmt.Errorf("the cluster has a %s %s already, which is not of this run: remove or rename it if nothing needs it", object.GetKind(), object.GetName())
}

// resource finds the API endpoint of the object's kind. A kind that is not
// known yet is looked up once more, since it may have been added meanwhile.
func (c *Client) resource(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, fmt.Errorf("the cluster does not serve the kind of %s %s: %w", kind.Kind, object.GetName(), err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.Dynamic.Resource(mapping.Resource), nil
	}
	return c.Dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
}
