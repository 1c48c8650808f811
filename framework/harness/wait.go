package harness

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Until follows the object that obj names until the condition holds and
// returns it as it was then. The condition also says in words what it saw; an
// error from it ends the wait. A missing object is waited for. When the budget is used up the error says what was
// waited for, for how long, what was seen last, the object's recent events, and why, see Cluster.explain.
func Until[T any, P interface {
	*T
	client.Object
}](ctx context.Context, c *Cluster, obj P, budget timeouts.Budget, what string, condition func(P) (held bool, seen string, err error)) (P, error) {
	ref, err := c.ref(obj)
	if err != nil {
		return nil, err
	}
	last, err := kube.Until(ctx, c.Kube, ref, budget, what, func(object *T) (bool, string, error) {
		if object == nil {
			return false, "it does not exist", nil
		}
		return condition(object)
	})
	return last, c.withEvents(ctx, obj, err)
}

// UntilGone waits until the object that obj names does not exist; it may be called for one that never did.
func UntilGone(ctx context.Context, c *Cluster, obj client.Object, budget timeouts.Budget) error {
	if c.absent(obj) {
		return nil
	}
	ref, err := c.ref(obj)
	if err != nil {
		return err
	}
	_, err = kube.Until(ctx, c.Kube, ref, budget, "be gone", func(object *metav1.PartialObjectMetadata) (bool, string, error) {
		switch {
		case object == nil:
			return true, "gone", nil
		case object.DeletionTimestamp == nil:
			return false, "it exists and nobody has asked for its deletion", nil
		}
		return false, fmt.Sprintf("it is being deleted, held by finalizers %v", object.Finalizers), nil
	})
	return c.withEvents(ctx, obj, err)
}

// deleteAndWait deletes the object and waits until it is gone; a missing one is fine.
func deleteAndWait(ctx context.Context, c *Cluster, obj client.Object, budget timeouts.Budget) error {
	if err := client.IgnoreNotFound(c.plain.Delete(ctx, obj)); err != nil {
		return fmt.Errorf("delete %s: %w", c.describe(obj), err)
	}
	return UntilGone(ctx, c, obj, budget)
}

// withEvents adds what Kubernetes itself said about the object to the error of a wait.
func (c *Cluster) withEvents(ctx context.Context, obj client.Object, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return kube.Further(err, "recent events: "+c.recentEvents(ctx, obj))
}

// ref finds the API endpoint of the object's kind.
func (c *Cluster) ref(obj client.Object) (kube.Ref, error) {
	c.need(obj)
	gvk, err := apiutil.GVKForObject(obj, c.Client.Scheme())
	if err != nil {
		return kube.Ref{}, err
	}
	mapping, err := c.Client.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return kube.Ref{}, fmt.Errorf("the API server does not serve %s: %w", gvk.Kind, err)
	}
	return kube.Ref{Resource: mapping.Resource, Namespace: obj.GetNamespace(), Name: obj.GetName()}, nil
}

// describe names an object as a person would: kind namespace/name.
func (c *Cluster) describe(obj client.Object) string {
	kind := fmt.Sprintf("%T", obj)
	if gvk, err := apiutil.GVKForObject(obj, c.Client.Scheme()); err == nil {
		kind = gvk.Kind
	}
	if obj.GetNamespace() == "" {
		return kind + " " + obj.GetName()
	}
	return kind + " " + obj.GetNamespace() + "/" + obj.GetName()
}

// age is how long ago something was, short enough for an error text.
func age(t time.Time) string { return time.Since(t).Round(time.Second).String() + " ago" }
