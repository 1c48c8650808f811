package target

import (
	"context"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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

func TestTheDriverIsInstalledWithTheContract(t *testing.T) {
	objects, err := kube.Decode(t.Context(), fixtures.FS, "driver")
	if err != nil {
		t.Fatal(err)
	}
	following, drivers := following("1.4"), 0
	for _, object := range objects {
		if wanted, err := following(object); err != nil || !wanted {
			t.Fatalf("%s %s: %t, %v", object.GetKind(), object.GetName(), wanted, err)
		}
		containers, _, _ := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
		for _, each := range containers {
			container := each.(map[string]any)
			args, _, _ := unstructured.NestedStringSlice(container, "args")
			says := slices.Contains(args, "--contract=1.4")
			if isDriver := container["name"] == driverContainer; says != isDriver {
				t.Errorf("container %v of %s has arguments %v", container["name"], object.GetName(), args)
			} else if isDriver {
				drivers++
			}
		}
	}
	if drivers != 2 {
		t.Errorf("%d containers of the driver follow the contract, want 2", drivers)
	}
}

func TestCapacityIsOnlyAskedForWhereTheReleaseTellsIt(t *testing.T) {
	for contract, want := range map[string]bool{"1.9": false, "1.10": true} {
		objects, err := kube.Decode(t.Context(), fixtures.FS, "driver")
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, object := range objects {
			if _, err := following(contract)(object); err != nil {
				t.Fatal(err)
			}
			if object.GetKind() == "CSIDriver" {
				if told, _, _ := unstructured.NestedBool(object.Object, "spec", "storageCapacity"); told != want {
					t.Errorf("%s: the CSIDriver has storageCapacity %t, want %t", contract, told, want)
				}
				seen++
			}
			containers, _, _ := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
			for _, each := range containers {
				container := each.(map[string]any)
				args, _, _ := unstructured.NestedStringSlice(container, "args")
				if container["name"] != "csi-provisioner" {
					continue
				}
				if asks := slices.Contains(args, "--enable-capacity"); asks != want || !slices.Contains(args, "--default-fstype=ext4") {
					t.Errorf("%s: the provisioner has %v", contract, args)
				}
				seen++
			}
		}
		if seen != 2 {
			t.Errorf("%s: found %d of CSIDriver and provisioner", contract, seen)
		}
	}
	if _, err := following("2.0")(&unstructured.Unstructured{Object: map[string]any{}}); err == nil {
		t.Error("contract 2.0 is accepted")
	}
}
