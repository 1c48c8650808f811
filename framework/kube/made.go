package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/runid"
)

// localImages is how references of images begin that muster builds and puts on the
// nodes itself; no registry has that name.
const localImages = "muster.local/"

// Making says how objects are made through a Client: for which run, and where their images are.
type Making struct {
	// Run is the id of the run that all objects get, "" for none.
	Run string
	// Registry has muster's images, such as registry.example.org/muster; "" when
	// they are on the nodes.
	Registry string
}

// Image returns the reference of one of muster's images and when it is pulled.
func (m Making) Image(ref string) (string, corev1.PullPolicy) {
	name, local := strings.CutPrefix(ref, localImages)
	switch {
	case !local:
		return ref, corev1.PullIfNotPresent
	case m.Registry == "":
		return ref, corev1.PullNever
	}
	return strings.TrimSuffix(m.Registry, "/") + "/" + name, corev1.PullIfNotPresent
}

// Mark marks an object that is about to be made.
func (m Making) Mark(object metav1.Object) { runid.Mark(object, m.Run) }

// MarkPod marks a pod and lets it have its images from where they are.
func (m Making) MarkPod(pod *corev1.Pod) *corev1.Pod {
	m.Mark(pod)
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		container.Image, container.ImagePullPolicy = m.Image(container.Image)
	}
	return pod
}

// markManifest does the same for an object of any kind.
func (m Making) markManifest(object *unstructured.Unstructured) {
	m.Mark(object)
	if m.Registry == "" {
		return
	}
	for _, path := range [][]string{{"spec", "containers"}, {"spec", "template", "spec", "containers"}} {
		containers, found, err := unstructured.NestedSlice(object.Object, path...)
		if err != nil || !found {
			continue
		}
		for _, container := range containers {
			if fields, ok := container.(map[string]any); ok {
				ref, _ := fields["image"].(string)
				image, policy := m.Image(ref)
				fields["image"], fields["imagePullPolicy"] = image, string(policy)
			}
		}
		_ = unstructured.SetNestedSlice(object.Object, containers, path...) // it was there
	}
}
