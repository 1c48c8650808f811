// Package objects lists everything that a cluster holds, whatever its kind, and
// says what has changed between two times. It changes nothing.
package objects

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/muster-csi/muster/framework/kube"
)

// listing is how many kinds are listed at the same time.
const listing = 8

// page is how many objects one request asks for.
const page = 500

// Kind is one kind of objects that a cluster serves.
type Kind struct {
	schema.GroupVersionResource
	// Name is its name in manifests, such as Deployment.
	Name string
}

// String is kind or kind.group.
func (k Kind) String() string {
	if k.Group == "" {
		return k.Name
	}
	return k.Name + "." + k.Group
}

// Kinds lists the kinds whose objects can be listed, each in the version that the
// API server prefers. Of a group whose server does not answer there are none.
func Kinds(c *kube.Client) ([]Kind, error) {
	groups, err := discovery.ServerPreferredResources(c.Core.Discovery())
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("ask the API server for its kinds: %w", err)
	}
	var kinds []Kind
	for _, group := range groups {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("the API server serves %q: %w", group.GroupVersion, err)
		}
		for _, resource := range group.APIResources {
			if slices.Contains(resource.Verbs, "list") && !strings.Contains(resource.Name, "/") {
				kinds = append(kinds, Kind{GroupVersionResource: version.WithResource(resource.Name), Name: resource.Kind})
			}
		}
	}
	return kinds, nil
}

// Object is an object of a kind.
type Object struct {
	Kind Kind
	unstructured.Unstructured
}

// String is "Kind.group namespace/name".
func (o Object) String() string {
	if o.GetNamespace() == "" {
		return o.Kind.String() + " " + o.GetName()
	}
	return o.Kind.String() + " " + o.GetNamespace() + "/" + o.GetName()
}

// List lists the objects of the kinds, those with the labels only unless the selector is
// empty, in the order of the kinds.
func List(ctx context.Context, c *kube.Client, kinds []Kind, selector string) ([]Object, error) {
	lists := make([][]Object, len(kinds))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listing)
	for i, kind := range kinds {
		group.Go(func() (err error) {
			lists[i], err = list(ctx, c, kind, selector)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(lists...), nil
}

func list(ctx context.Context, c *kube.Client, kind Kind, selector string) ([]Object, error) {
	var found []Object
	options := metav1.ListOptions{LabelSelector: selector, Limit: page}
	for {
		list, err := c.Dynamic.Resource(kind.GroupVersionResource).List(ctx, options)
		if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
			return found, nil // the kind has gone meanwhile, or cannot be listed although it says so
		}
		if err != nil {
			return nil, fmt.Errorf("list objects of kind %s: %w", kind, err)
		}
		for i := range list.Items {
			found = append(found, Object{Kind: kind, Unstructured: list.Items[i]})
		}
		if options.Continue = list.GetContinue(); options.Continue == "" {
			return found, nil
		}
	}
}
