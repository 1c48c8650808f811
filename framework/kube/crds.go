package kube

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/timeouts"
)

// ApplyKinds applies CustomResourceDefinitions, all at once, and returns when
// the API server serves every one of them.
func (c *Client) ApplyKinds(ctx context.Context, manifest []byte) error {
	definitions, err := DecodeBytes(ctx, manifest)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, definition := range definitions {
		group.Go(func() error { return c.applyKind(ctx, definition) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	c.mapper.Reset()
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
