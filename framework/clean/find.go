// Package clean removes what a run of the suite that was killed has left in a
// cluster, and puts back what it had changed.
package clean

import (
	"context"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/objects"
	"github.com/muster-csi/muster/framework/runid"
)

// Leftovers are what a cluster has of one run.
type Leftovers struct {
	// Made are objects that the run has made, or has caused a driver to make.
	Made []objects.Object
	// Changed are objects of others that it has changed and not put back.
	Changed []objects.Object
}

// Empty reports whether nothing is left.
func (l Leftovers) Empty() bool { return len(l.Made)+len(l.Changed) == 0 }

// traced are the kinds whose objects drivers make for a run, without its label, and where the name
// of one of the run's namespaces is in them.
var traced = map[string]func(objects.Object) string{
	"PersistentVolume": func(object objects.Object) string { return text(object, "spec", "claimRef", "namespace") },
	"VolumeSnapshotContent.snapshot.storage.k8s.io": func(object objects.Object) string {
		return text(object, "spec", "volumeSnapshotRef", "namespace")
	},
	"BackingImage.longhorn.io": func(object objects.Object) string { return object.GetName() },
}

func text(object objects.Object, path ...string) string {
	value, _, _ := unstructured.NestedString(object.Object, path...)
	return value
}

// Find lists what is left of a run.
func Find(ctx context.Context, c *kube.Client, run string) (Leftovers, error) {
	labelled, kinds, err := withLabel(ctx, c, runid.Label+"="+run)
	if err != nil {
		return Leftovers{}, err
	}
	var left Leftovers
	for _, object := range labelled {
		if _, changed := object.GetAnnotations()[runid.Before]; changed {
			left.Changed = append(left.Changed, object)
		} else {
			left.Made = append(left.Made, object)
		}
	}
	caused, err := objects.List(ctx, c, slices.DeleteFunc(kinds, func(kind objects.Kind) bool { return traced[kind.String()] == nil }), "")
	if err != nil {
		return Leftovers{}, err
	}
	for _, object := range caused {
		if runid.In(traced[object.Kind.String()](object), run) && runid.Of(&object) != run {
			left.Made = append(left.Made, object)
		}
	}
	return left, nil
}

// withLabel lists the objects of all kinds that the selector means, and the kinds.
func withLabel(ctx context.Context, c *kube.Client, selector string) ([]objects.Object, []objects.Kind, error) {
	kinds, err := objects.Kinds(c)
	if err != nil {
		return nil, nil, err
	}
	kinds = slices.DeleteFunc(kinds, func(kind objects.Kind) bool { return !objects.Lasting(kind) })
	found, err := objects.List(ctx, c, kinds, selector)
	return found, kinds, err
}

// Run is what a cluster has of one run, in numbers.
type Run struct {
	// ID is the run's.
	ID string
	// Made and Changed count objects.
	Made, Changed int
	// Since is when the oldest of them was made.
	Since time.Time
}

// Runs lists the runs of which the cluster has anything, the oldest first.
func Runs(ctx context.Context, c *kube.Client) ([]Run, error) {
	labelled, _, err := withLabel(ctx, c, runid.Label)
	if err != nil {
		return nil, err
	}
	byID := map[string]*Run{}
	for _, object := range labelled {
		id := runid.Of(&object)
		if byID[id] == nil {
			byID[id] = &Run{ID: id}
		}
		run := byID[id]
		if _, changed := object.GetAnnotations()[runid.Before]; changed {
			run.Changed++
			continue // it is older than the run
		}
		run.Made++
		if made := object.GetCreationTimestamp().Time; run.Since.IsZero() || made.Before(run.Since) {
			run.Since = made
		}
	}
	var runs []Run
	for _, run := range byID {
		runs = append(runs, *run)
	}
	slices.SortFunc(runs, func(a, b Run) int {
		if order := a.Since.Compare(b.Since); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return runs, nil
}
