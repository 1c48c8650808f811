package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/muster-csi/muster/framework/timeouts"
)

// Ref names one object, which need not exist.
type Ref struct {
	// Resource is the API endpoint of the kind.
	Resource schema.GroupVersionResource
	// Namespace is empty for kinds without.
	Namespace string
	// Name is the object's.
	Name string
}

// String is "resource namespace/name".
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Resource.Resource + " " + r.Name
	}
	return r.Resource.Resource + " " + r.Namespace + "/" + r.Name
}

// Until follows the object by watching until condition holds and returns it as
// it was then. Condition also says in words what it saw; it gets nil while the
// object does not exist, and its error ends the wait. When the budget is used up
// the error is a Timeout, which says what was awaited, for how long, what was
// seen last, and why, as far as c.Explain knows.
func Until[T any](ctx context.Context, c *Client, ref Ref, budget timeouts.Budget, what string, condition func(*T) (held bool, seen string, err error)) (*T, error) {
	waiting, cancel := context.WithTimeout(ctx, budget.Limit)
	defer cancel()
	var object *T
	seen := "nothing, the API server has not answered"
	step := func(next *T) (held bool, err error) {
		object = next
		held, seen, err = condition(next)
		return held, err
	}
	onEvent := func(event watch.Event) (bool, error) {
		if event.Type == watch.Deleted {
			return step(nil)
		}
		next, err := convert[T](event.Object)
		if err != nil {
			return false, err
		}
		return step(next)
	}
	absent := func(store cache.Store) (bool, error) {
		if len(store.List()) > 0 {
			return false, nil
		}
		return step(nil)
	}
	_, err := watchtools.UntilWithSync(waiting, listerWatcher(c, ref), &unstructured.Unstructured{}, absent, onEvent)
	switch {
	case err == nil:
		return object, nil
	case waiting.Err() != nil && ctx.Err() == nil:
		return object, c.inVain(ctx, ref, budget, what, seen)
	default:
		return object, fmt.Errorf("while waiting for %s to %s (last seen: %s): %w", ref, what, seen, errors.Join(err, ctx.Err()))
	}
}

func convert[T any](object runtime.Object) (*T, error) {
	content, ok := object.(*unstructured.Unstructured)
	if !ok {
		return nil, fmt.Errorf("the watch delivered a %T instead of an object", object)
	}
	out := new(T)
	// Through JSON: the converter of runtime does not know numbers in quotes, which Longhorn's Volume has.
	text, err := content.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s %s as %T: %w", content.GetKind(), content.GetName(), out, err)
	}
	return out, nil
}

func listerWatcher(c *Client, ref Ref) cache.ListerWatcher {
	resource := c.Dynamic.Resource(ref.Resource).Namespace(ref.Namespace)
	only := fields.OneTermEqualSelector(metav1.ObjectNameField, ref.Name).String()
	lists := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = only
			return resource.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = only
			return resource.Watch(ctx, options)
		},
	}
	return cache.ToListWatcherWithWatchListSemantics(lists, c.Dynamic)
}
