// Package runid marks what one run of the suite makes in a cluster, so that it can
// be told from everything else there, also by somebody who comes after a run that
// was killed.
package runid

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilrand "k8s.io/apimachinery/pkg/util/rand"
)

const (
	// Label is on every object that a run makes; its value is the run's id.
	Label = "muster.dev/run"
	// Before is an annotation with what an object of somebody else held before the
	// run changed it, as JSON. Such an object has Label meanwhile.
	Before = "muster.dev/before"
)

// length is that of an id: short enough to type, and no two runs of one cluster have the same.
const length = 6

// alphabet are the characters of ids: those of Kubernetes' own random names.
const alphabet = "bcdfghjklmnpqrstvwxz2456789"

// New returns a random id.
func New() string { return utilrand.String(length) }

// Check refuses what cannot be an id.
func Check(id string) error {
	if len(id) != length || strings.Trim(id, alphabet) != "" {
		return fmt.Errorf("%q is not the id of a run, which has %d characters of %s; muster clean without --run lists the runs of a cluster", id, length, alphabet)
	}
	return nil
}

// Name is a name that belongs to the run: words, the id, and a random end that no other spec has.
// Words must be a DNS label.
func Name(words, id string) string {
	if id == "" {
		return words + "-" + utilrand.String(5)
	}
	return words + "-" + id + "-" + utilrand.String(5)
}

// In reports whether a name is one that Name made for the run, or begins with one. What drivers make
// has no label, but often the name of a namespace in it.
func In(name, id string) bool { return id != "" && strings.Contains(name, "-"+id+"-") }

// Mark puts the label on an object; an empty id marks nothing.
func Mark(object metav1.Object, id string) {
	if id == "" {
		return
	}
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[Label] = id
	object.SetLabels(labels)
}

// Of returns the id of the run that made an object, or that has changed it and not put it back yet; "" for none.
func Of(object metav1.Object) string { return object.GetLabels()[Label] }
