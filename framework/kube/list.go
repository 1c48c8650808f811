package kube

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// List reads all objects of a kind; an empty namespace means all of them. For the
// error apierrors.IsNotFound holds when the cluster does not serve the kind.
func List[T any](ctx context.Context, c *Client, resource schema.GroupVersionResource, namespace string, options metav1.ListOptions) ([]T, error) {
	list, err := c.Dynamic.Resource(resource).Namespace(namespace).List(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", resource.Resource, err)
	}
	objects := make([]T, len(list.Items))
	for i := range list.Items {
		object, err := convert[T](&list.Items[i])
		if err != nil {
			return nil, err
		}
		objects[i] = *object
	}
	return objects, nil
}

// Get reads one object. For the error apierrors.IsNotFound holds when it, or its kind,
// does not exist.
func Get[T any](ctx context.Context, c *Client, ref Ref) (*T, error) {
	object, err := c.Dynamic.Resource(ref.Resource).Namespace(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", ref, err)
	}
	return convert[T](object)
}

// Serves reports whether the cluster serves a kind in that version.
func (c *Client) Serves(kind schema.GroupVersionKind) (bool, error) {
	_, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot ask the API server for %s: %w", kind.Kind, err)
	}
	return true, nil
}
