package clean

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/objects"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/timeouts"
)

// atOnce is how many specs are cleaned up at the same time.
const atOnce = 6

// Clean puts back what the run of the cluster's configuration has changed and removes what it has left. It says what it
// does, line by line. It may be called again. An error names what remains.
func Clean(ctx context.Context, cluster *harness.Cluster, say func(string)) error {
	run := cluster.Config.Run
	found, err := Find(ctx, cluster.Kube, run)
	if err != nil {
		return err
	}
	var saying sync.Mutex
	tell := func(line string) { saying.Lock(); defer saying.Unlock(); say(line) }
	// Pods of a run would go on changing what is put back.
	if err := endJobs(ctx, cluster.Kube, found.Made); err != nil {
		return err
	}
	failures := []error{cluster.PutBack(ctx, func(what string) { tell("put back " + what) })}
	failures = append(failures, removeSpecs(ctx, cluster, found))
	now, err := Find(ctx, cluster.Kube, run)
	if err != nil {
		return errors.Join(append(failures, err)...)
	}
	failures = append(failures, removeRest(ctx, cluster.Kube, now.Made))
	left, err := Find(ctx, cluster.Kube, run)
	if err != nil {
		return errors.Join(append(failures, err)...)
	}
	for _, object := range found.Made {
		if !slices.ContainsFunc(left.Made, func(other objects.Object) bool { return other.GetUID() == object.GetUID() }) {
			tell("removed " + object.String())
		}
	}
	if left.Empty() {
		return nil // what failed on the way has been done by somebody else since
	}
	return errors.Join(append([]error{remains(run, left)}, failures...)...)
}

func remains(run string, left Leftovers) error {
	var names []string
	for _, object := range slices.Concat(left.Changed, left.Made) {
		names = append(names, object.String())
	}
	return fmt.Errorf("%d things of run %s remain: %s; call muster clean --run %s again, or look at why they cannot be deleted", len(names), run, strings.Join(names, ", "), run)
}

// endJobs ends what still runs of a run in the cluster, whose specs then clean up themselves, and returns when
// its pods have ended.
func endJobs(ctx context.Context, c *kube.Client, made []objects.Object) error {
	var group errgroup.Group
	for _, object := range made {
		if object.Kind.Group == "batch" && object.Kind.Name == "Job" {
			group.Go(func() error {
				return removeWithin(ctx, c, object, metav1.DeletePropagationForeground, timeouts.ShardEnded)
			})
		}
	}
	return group.Wait()
}

// removeSpecs does what the specs' own cleanup would have done.
func removeSpecs(ctx context.Context, cluster *harness.Cluster, found Leftovers) error {
	var specs []string
	for _, object := range found.Made {
		if spec := harness.SpecOf(&object); spec != "" {
			specs = append(specs, spec)
		}
		if where := traced[object.Kind.String()]; where != nil && object.Kind.Group != "longhorn.io" {
			specs = append(specs, where(object))
		}
	}
	specs = slices.Compact(slices.Sorted(slices.Values(specs)))
	failures := make([]error, len(specs))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, spec := range specs {
		group.Go(func() error {
			if runid.In(spec, cluster.Config.Run) { // never the namespace of anybody else
				failures[i] = cluster.RemoveSpec(ctx, spec)
			}
			return nil
		})
	}
	_ = group.Wait() // each failure is noted
	return errors.Join(failures...)
}

// order says when a kind is removed: what others live in comes after them.
func order(kind objects.Kind) int {
	switch kind.Name {
	case "CustomResourceDefinition":
		return 3
	case "Namespace":
		return 2
	case "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount":
		return 1
	}
	return 0
}

// removeRest removes what belongs to no spec, such as classes and what an installation has brought.
func removeRest(ctx context.Context, c *kube.Client, rest []objects.Object) error {
	if err := removeResources(ctx, c, rest); err != nil {
		return err
	}
	var failures []error
	for step := range 4 {
		var group errgroup.Group
		group.SetLimit(atOnce)
		for _, object := range rest {
			if order(object.Kind) == step {
				group.Go(func() error { return remove(ctx, c, object) })
			}
		}
		failures = append(failures, group.Wait())
	}
	return errors.Join(failures...)
}

// removeResources removes Longhorn's resources when the run has installed their kinds, while the driver is there that
// knows how to.
func removeResources(ctx context.Context, c *kube.Client, rest []objects.Object) error {
	installed := slices.ContainsFunc(rest, func(object objects.Object) bool {
		return object.Kind.Name == "CustomResourceDefinition" && strings.HasSuffix(object.GetName(), ".longhorn.io")
	})
	if !installed {
		return nil
	}
	kinds, err := objects.Kinds(c)
	if err != nil {
		return err
	}
	all, err := objects.List(ctx, c, slices.DeleteFunc(kinds, func(kind objects.Kind) bool {
		// The driver makes its nodes anew as long as it runs.
		return kind.Group != "longhorn.io" || kind.Name == "Node"
	}), "")
	if err != nil {
		return err
	}
	var group errgroup.Group
	for _, object := range all {
		group.Go(func() error { return remove(ctx, c, object) })
	}
	return group.Wait()
}

// remove deletes an object and waits until it is gone; a missing one is fine.
func remove(ctx context.Context, c *kube.Client, object objects.Object) error {
	return removeWithin(ctx, c, object, metav1.DeletePropagationBackground, timeouts.LeftoverGone)
}

func removeWithin(ctx context.Context, c *kube.Client, object objects.Object, how metav1.DeletionPropagation, budget timeouts.Budget) error {
	err := c.Dynamic.Resource(object.Kind.GroupVersionResource).Namespace(object.GetNamespace()).Delete(ctx, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &how})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", object, err)
	}
	ref := kube.Ref{Resource: object.Kind.GroupVersionResource, Namespace: object.GetNamespace(), Name: object.GetName()}
	uid := object.GetUID()
	_, err = kube.Until(ctx, c, ref, budget, "be gone", func(now *metav1.PartialObjectMetadata) (bool, string, error) {
		if now == nil || now.UID != uid {
			return true, "gone", nil
		}
		return false, fmt.Sprintf("it is being deleted, held by finalizers %v", now.Finalizers), nil
	})
	return err
}
