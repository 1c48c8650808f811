package objects

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// noise are the kinds that change by themselves in a cluster in which nobody changes anything.
var noise = []schema.GroupResource{
	{Resource: "events"}, {Group: "events.k8s.io", Resource: "events"},
	{Group: "coordination.k8s.io", Resource: "leases"},
	{Resource: "endpoints"}, {Group: "discovery.k8s.io", Resource: "endpointslices"},
	{Resource: "componentstatuses"},
	{Group: "storage.k8s.io", Resource: "csistoragecapacities"},
	{Group: "metrics.k8s.io", Resource: "pods"}, {Group: "metrics.k8s.io", Resource: "nodes"},
}

// counting are annotations that only count how often something was changed, and back.
var counting = []string{"deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation"}

// Lasting reports whether objects of the kind are there until somebody removes them, and worth comparing.
func Lasting(kind Kind) bool { return !slices.Contains(noise, kind.GroupResource()) }

// follows reports whether one of Kubernetes' own controllers makes the object from another, which is compared
// itself: pods and ReplicaSets get new names whenever something is restarted.
func follows(object *unstructured.Unstructured) bool {
	owner := metav1.GetControllerOf(object)
	if owner == nil {
		return false
	}
	version, err := schema.ParseGroupVersion(owner.APIVersion)
	return err == nil && (version.Group == "apps" || version.Group == "batch")
}

// strip removes from an object what changes although it stays the same: bookkeeping of the API server, what
// controllers report, and when somebody last asked the driver to look.
func strip(object map[string]any) {
	delete(object, "status")
	for _, field := range []string{"resourceVersion", "generation", "uid", "creationTimestamp", "managedFields", "selfLink"} {
		unstructured.RemoveNestedField(object, "metadata", field)
	}
	for _, annotation := range counting {
		unstructured.RemoveNestedField(object, "metadata", "annotations", annotation)
	}
	unstructured.RemoveNestedField(object, "spec", "syncRequestedAt")
	if annotations, found, _ := unstructured.NestedMap(object, "metadata", "annotations"); found && len(annotations) == 0 {
		unstructured.RemoveNestedField(object, "metadata", "annotations")
	}
	if labels, found, _ := unstructured.NestedMap(object, "metadata", "labels"); found && len(labels) == 0 {
		unstructured.RemoveNestedField(object, "metadata", "labels")
	}
}
