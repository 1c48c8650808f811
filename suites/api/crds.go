package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// knows reports whether the installed CRD has the rule that the attempt is about; most rules are in all of them.
func (b *bench) knows(ctx context.Context, a attempt) (bool, error) {
	if a.Rule == "" {
		return true, nil
	}
	definition, err := readDefinition(ctx, b.env.Client, b.object(a.Object).GetKind())
	if err != nil {
		return false, err
	}
	for _, version := range definition.Spec.Versions {
		if version.Name == snapshotv1.SchemeGroupVersion.Version && version.Schema != nil {
			return hasRule(version.Schema.OpenAPIV3Schema, a.Rule), nil
		}
	}
	return false, fmt.Errorf("CRD %s has no version %s", definition.Name, snapshotv1.SchemeGroupVersion.Version)
}

// hasRule looks for a CEL rule by its message.
func hasRule(schema *apiextensionsv1.JSONSchemaProps, message string) bool {
	return slices.Contains(messages(schema), message)
}

// messages are those of all CEL rules of a schema.
func messages(schema *apiextensionsv1.JSONSchemaProps) (all []string) {
	for _, rule := range schema.XValidations {
		all = append(all, rule.Message)
	}
	for _, property := range schema.Properties {
		all = append(all, messages(&property)...)
	}
	return all
}

// unexamined are the rules of a version of a CRD that no attempt is about. One about exactly one source is
// examined by what it refuses, since older CRDs say the same in other words.
func unexamined(version apiextensionsv1.CustomResourceDefinitionVersion, all rules) []string {
	return slices.DeleteFunc(messages(version.Schema.OpenAPIV3Schema), func(message string) bool {
		examined := slices.ContainsFunc(all.Rules, func(r rule) bool {
			return slices.ContainsFunc(r.Attempts, func(a attempt) bool { return a.Rule == message })
		})
		return examined || strings.HasPrefix(message, "exactly one of ")
	})
}

// readDefinition reads the CRD of a snapshot kind.
func readDefinition(ctx context.Context, c client.Client, kind string) (*apiextensionsv1.CustomResourceDefinition, error) {
	name := strings.ToLower(kind) + "s"
	if strings.HasSuffix(name, "ss") {
		name = strings.TrimSuffix(name, "s") + "es"
	}
	name += "." + snapshotv1.SchemeGroupVersion.Group
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	if err := c.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
		return nil, fmt.Errorf("read the CRD of %s: %w", kind, err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	return definition, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, definition)
}
