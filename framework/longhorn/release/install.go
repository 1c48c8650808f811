package release

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/kube"
)

// ApplyNamespace makes the namespace of the release, for what has to be in it before Longhorn is.
func (r *Release) ApplyNamespace(ctx context.Context, c *kube.Client) error {
	namespaces, _ := split(r.Objects, "Namespace")
	for _, namespace := range namespaces {
		if err := c.Apply(ctx, namespace.DeepCopy()); err != nil {
			return err
		}
	}
	return nil
}

// Apply installs the release with its overlay: the namespace, Longhorn's kinds, until they
// are served, and everything else in the order of the manifest. It may be called again. It
// does not wait for pods; Await does.
func (r *Release) Apply(ctx context.Context, c *kube.Client) error {
	objects, err := r.changed()
	if err != nil {
		return err
	}
	kinds, others := split(objects, "CustomResourceDefinition")
	_, others = split(others, "Namespace")
	if err := r.ApplyNamespace(ctx, c); err != nil {
		return err
	}
	if err := c.ApplyDefinitions(ctx, kinds); err != nil {
		return err
	}
	return c.Apply(ctx, others...)
}

// split takes the objects of a kind out of the others; both keep their order.
func split(objects []*unstructured.Unstructured, kind string) (of, others []*unstructured.Unstructured) {
	for _, object := range objects {
		if object.GetKind() == kind {
			of = append(of, object)
		} else {
			others = append(others, object)
		}
	}
	return of, others
}
