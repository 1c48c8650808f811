package target

import (
	"context"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/kube"
)

// templates returns the pod templates of the driver's two parts as installed.
func templates(t *testing.T) map[string]*corev1.PodSpec {
	t.Helper()
	objects, err := kube.Decode(context.Background(), fixtures.FS, "driver")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*corev1.PodSpec{}
	for _, object := range objects {
		switch object.GetKind() {
		case "Deployment":
			var d appsv1.Deployment
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &d); err != nil {
				t.Fatal(err)
			}
			found[d.Name] = &d.Spec.Template.Spec
		case "DaemonSet":
			var d appsv1.DaemonSet
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &d); err != nil {
				t.Fatal(err)
			}
			found[d.Name] = &d.Spec.Template.Spec
		}
	}
	return found
}

func TestOptionsReachBothPartsOfTheDriver(t *testing.T) {
	pods := templates(t)
	for _, name := range []string{controllerName, nodeName} {
		pod, ok := pods[name]
		if !ok {
			t.Fatalf("fixtures/driver has no %s", name)
		}
		if setArguments(pod, Options{Contract: DefaultContract}) {
			t.Errorf("%s: installing uses other options than the default ones: %v", name, pod.Containers[0].Args)
		}
		if !setArguments(pod, Options{Contract: "1.4", Deviate: []string{"a", "b"}}) {
			t.Errorf("%s: new options changed nothing", name)
		}
		for _, container := range pod.Containers {
			has := slices.Contains(container.Args, "--contract=1.4") && slices.Contains(container.Args, "--deviate=a,b")
			if has != (container.Name == driverContainer) {
				t.Errorf("%s: container %s has arguments %v", name, container.Name, container.Args)
			}
			if slices.Contains(container.Args, "--contract="+DefaultContract) {
				t.Errorf("%s: the former contract is still among %v", name, container.Args)
			}
		}
	}
}
