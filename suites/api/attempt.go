package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/harness"
)

// strictly makes the API server refuse fields that it does not know, as kubectl does.
const strictly = client.FieldValidation("Strict")

// bench is where the attempts of one spec are made: the objects that it has put into the cluster for updates.
type bench struct {
	env  *harness.Env
	all  rules
	made map[string]*unstructured.Unstructured
}

// examine makes every attempt whose rule the installed CRDs have. It returns all disagreements joined, and the
// cases that these CRDs have no rule for.
func (b *bench) examine(ctx context.Context, rule rule) (unknown []string, err error) {
	var found []error
	for _, attempt := range rule.Attempts {
		known, err := b.knows(ctx, attempt)
		switch {
		case err != nil:
			return nil, err
		case !known:
			unknown = append(unknown, attempt.Case)
			continue
		}
		found = append(found, b.disagreement(ctx, attempt))
	}
	return unknown, errors.Join(found...)
}

// disagreement makes one attempt and says what is wrong with the answer.
func (b *bench) disagreement(ctx context.Context, a attempt) error {
	answer, err := b.request(ctx, a)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", a.Case, err)
	case a.Refused == "" && answer != nil:
		return fmt.Errorf("%s is refused, though it must be accepted: %w", a.Case, answer)
	case a.Refused != "" && answer == nil:
		return fmt.Errorf("%s is accepted, though it must be refused with %q", a.Case, a.Refused)
	case answer != nil && !strings.Contains(answer.Error(), a.Refused):
		return fmt.Errorf("%s is refused with other words than %q: %w", a.Case, a.Refused, answer)
	}
	return nil
}

// request makes the attempt as a dry run and returns what the API server says to it; err is about what it needs.
func (b *bench) request(ctx context.Context, a attempt) (answer, err error) {
	change := []byte("{}")
	if a.Change != nil {
		if change, err = json.Marshal(a.Change); err != nil {
			return nil, err
		}
	}
	if a.Request == "" {
		object, err := changed(b.object(a.Object), change)
		if err != nil {
			return nil, err
		}
		return b.env.Client.Create(ctx, object, client.DryRunAll, strictly), nil
	}
	existing, err := b.existing(ctx, a.Object)
	if err != nil {
		return nil, err
	}
	patch := client.RawPatch(types.MergePatchType, change)
	if a.Request == updateStatus {
		return b.env.Client.Status().Patch(ctx, existing.DeepCopy(), patch, client.DryRunAll), nil
	}
	return b.env.Client.Patch(ctx, existing.DeepCopy(), patch, client.DryRunAll, strictly), nil
}

// object is one of the valid objects, with a name of the spec's own.
func (b *bench) object(name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	for key, value := range b.all.Objects[name] {
		object.Object[key] = value
	}
	object = object.DeepCopy()
	object.SetGroupVersionKind(snapshotv1.SchemeGroupVersion.WithKind(object.GetKind()))
	object.SetName(b.env.Namespace + "-" + strings.ReplaceAll(name, " ", "-"))
	if object.GetKind() == "VolumeSnapshot" {
		object.SetNamespace(b.env.Namespace)
	}
	return object
}

// existing returns the object as it is in the cluster, where it is put when it is first asked for.
func (b *bench) existing(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	if made := b.made[name]; made != nil {
		return made, nil
	}
	object := b.object(name)
	b.env.OnCleanup(func(ctx context.Context) error { return b.env.RemoveUnserved(ctx, object) })
	if err := b.env.Client.Create(ctx, object, strictly); err != nil {
		return nil, fmt.Errorf("create the %s: %w", name, err)
	}
	b.made[name] = object
	return object, nil
}

// changed is the object with a JSON merge patch.
func changed(object *unstructured.Unstructured, change []byte) (*unstructured.Unstructured, error) {
	before, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	after, err := jsonpatch.MergePatch(before, change)
	if err != nil {
		return nil, fmt.Errorf("apply the change: %w", err)
	}
	result := &unstructured.Unstructured{}
	return result, result.UnmarshalJSON(after)
}
