package why

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/muster-csi/muster/framework/longhorn"
)

// source is the world as a cluster that can be asked.
func (w *world) asSource(t *testing.T) Source {
	t.Helper()
	scheme, err := longhorn.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	build := fake.NewClientBuilder().WithScheme(scheme).WithIndex(&corev1.Event{}, "involvedObject.name", func(object client.Object) []string {
		return []string{object.(*corev1.Event).InvolvedObject.Name}
	})
	objects := []client.Object{w.storageClass, w.driver, w.source, w.sourcePV, w.volume, w.class, w.snapshot, w.content, w.cut, w.target,
		w.restored, w.restoredPV, w.copied, w.pod, w.attachment, w.node, w.controller, w.sidecars, w.plugin, w.deployment, w.controllers, w.daemonSet}
	if w.backup != nil {
		objects = append(objects, w.backup)
	}
	if w.image != nil {
		objects = append(objects, w.image)
	}
	for _, event := range w.events {
		objects = append(objects, event)
	}
	for _, object := range objects {
		if !contains(w.without, object) {
			build = build.WithObjects(object)
		}
	}
	return Source{Client: build.Build()}
}

func contains(all []client.Object, object client.Object) bool {
	for _, one := range all {
		if one == object {
			return true
		}
	}
	return false
}

// trouble is one thing broken in a world, and parts of the cause that must be named.
type trouble struct {
	name  string
	spoil func(*world)
	want  []string
}

// check breaks each thing in a world of its own and looks at the subject.
func check(t *testing.T, subject Subject, troubles []trouble) {
	t.Helper()
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			c.spoil(w)
			chain, err := Look(t.Context(), w.asSource(t), subject)
			if err != nil {
				t.Fatal(err)
			}
			if chain.Ready {
				t.Fatalf("it is said to be ready:\n%s", chain)
			}
			for _, part := range c.want {
				if !strings.Contains(chain.Cause, part) {
					t.Errorf("the cause does not say %q:\n%s", part, chain)
				}
			}
		})
	}
}
