package kube

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/timeouts"
)

// discoveryInterval is how often the discovery documents are read while waiting.
const discoveryInterval = 100 * time.Millisecond

// ApplyKinds applies CustomResourceDefinitions, all at once, and returns when
// the API server serves every one of them.
func (c *Client) ApplyKinds(ctx context.Context, manifest []byte) error {
	definitions, err := DecodeBytes(ctx, manifest)
	if err != nil {
		return err
	}
	return c.ApplyDefinitions(ctx, definitions)
}

// ApplyDefinitions is ApplyKinds for definitions that have been read already.
func (c *Client) ApplyDefinitions(ctx context.Context, definitions []*unstructured.Unstructured) error {
	// The group's context ends with the group; what follows needs the caller's.
	group, applying := errgroup.WithContext(ctx)
	for _, definition := range definitions {
		group.Go(func() error { return c.applyKind(applying, definition) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.discovered(ctx, definitions)
}

// discovered waits until the API server lists the kinds in its discovery
// documents, which it does shortly after it serves them and tells no watcher.
func (c *Client) discovered(ctx context.Context, definitions []*unstructured.Unstructured) error {
	var missing error
	err := wait.PollUntilContextTimeout(ctx, discoveryInterval, timeouts.KindsServed.Limit, true, func(context.Context) (bool, error) {
		c.mapper.Reset()
		missing = c.firstMissing(definitions)
		return missing == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waited %s (timeouts.%s) for the API server to list new kinds; last seen: %w",
			timeouts.KindsServed.Limit, timeouts.KindsServed.Name, errors.Join(missing, ctx.Err()))
	}
	return nil
}

// firstMissing returns why a kind cannot be found, nil when all can.
func (c *Client) firstMissing(definitions []*unstructured.Unstructured) error {
	for _, definition := range definitions {
		group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
		if _, err := c.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) applyKind(ctx context.Context, definition *unstructured.Unstructured) error {
	if kind := definition.GetKind(); kind != "CustomResourceDefinition" {
		return fmt.Errorf("%s %s is no CustomResourceDefinition: only those belong into this manifest", kind, definition.GetName())
	}
	if err := c.Apply(ctx, definition); err != nil {
		return err
	}
	ref := Ref{Resource: CustomResourceDefinitions, Name: definition.GetName()}
	_, err := Until(ctx, c, ref, timeouts.KindsServed, "be served", established)
	return err
}

func established(definition *apiextensionsv1.CustomResourceDefinition) (bool, string, error) {
	if definition == nil {
		return false, "it does not exist", nil
	}
	seen := "no conditions yet"
	for _, condition := range definition.Status.Conditions {
		if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
			return true, "established", nil
		}
		if condition.Status == apiextensionsv1.ConditionFalse {
			seen = fmt.Sprintf("%s is false: %s", condition.Type, condition.Message)
		}
	}
	return false, seen, nil
}
