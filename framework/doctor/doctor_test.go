package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/workload"
)

// patient is a cluster that holds the objects.
func patient(t *testing.T, objects ...runtime.Object) Patient {
	t.Helper()
	config, err := existing.ParseConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Patient{Client: &kube.Client{Core: fake.NewClientset(objects...)}, Config: config}
}

// expect fails unless the check's worst finding is of that level and says that, seen or as a remedy.
func expect(t *testing.T, look func(context.Context, Patient) ([]Finding, error), p Patient, level Level, text string) {
	t.Helper()
	findings, err := look(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if worst := Worst(findings); worst != level {
		t.Errorf("the worst finding is %s, want %s: %v", worst, level, findings)
	}
	for _, finding := range findings {
		if finding.Level == level && strings.Contains(finding.Seen+finding.Remedy, text) && (level == Fine) == (finding.Remedy == "") {
			return
		}
	}
	t.Errorf("no finding of level %s says %q, or it has no remedy: %v", level, text, findings)
}

func node(name string, change func(*corev1.Node)) *corev1.Node {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		Images:     []corev1.ContainerImage{{Names: []string{workload.Image}}},
	}}
	if change != nil {
		change(node)
	}
	return node
}

func TestNodes(t *testing.T) {
	cordoned := node("b", func(n *corev1.Node) { n.Spec.Unschedulable = true })
	full := node("c", func(n *corev1.Node) {
		n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: corev1.NodeDiskPressure, Status: corev1.ConditionTrue})
	})
	expect(t, lookAtNodes, patient(t, node("a", nil)), Fine, "a (")
	expect(t, lookAtNodes, patient(t, node("a", nil), cordoned), Warning, "cordoned")
	expect(t, lookAtNodes, patient(t, node("a", nil), full), Warning, "DiskPressure")
	expect(t, lookAtNodes, patient(t, cordoned), Error, "none of 1 nodes")
}

func TestTheImageOfTestPods(t *testing.T) {
	without := node("b", func(n *corev1.Node) { n.Status.Images = nil })
	expect(t, lookAtImages, patient(t, node("a", nil)), Fine, "every node")
	expect(t, lookAtImages, patient(t, node("a", nil), without), Error, "registry:")
	registry := patient(t, without)
	registry.Config.Registry = "registry.example.org/muster"
	expect(t, lookAtImages, registry, Fine, "registry.example.org/muster/muster-workload:dev")
	many := node("c", func(n *corev1.Node) { n.Status.Images = make([]corev1.ContainerImage, listed) })
	expect(t, lookAtImages, patient(t, many), Warning, "cannot be seen")
}

func TestTheDriver(t *testing.T) {
	driver := func(name string) *storagev1.CSIDriver {
		return &storagev1.CSIDriver{ObjectMeta: metav1.ObjectMeta{Name: name}}
	}
	on := func(node string, drivers ...string) *storagev1.CSINode {
		of := &storagev1.CSINode{ObjectMeta: metav1.ObjectMeta{Name: node}}
		for _, name := range drivers {
			of.Spec.Drivers = append(of.Spec.Drivers, storagev1.CSINodeDriver{Name: name})
		}
		return of
	}
	const name = target.DriverName
	expect(t, lookAtDriver, patient(t, driver(name), on("a", name)), Fine, "registered on a")
	expect(t, lookAtDriver, patient(t, driver(name), on("a", name), on("b")), Warning, "not registered on b")
	expect(t, lookAtDriver, patient(t, driver(name), on("a")), Error, "node-driver-registrar")
	expect(t, lookAtDriver, patient(t, driver("driver.longhom.io")), Error, "did you mean driver.longhom.io?")
	expect(t, lookAtDriver, patient(t), Error, "--install reference")
}

func TestTheDriversPods(t *testing.T) {
	pod := func(ready corev1.ConditionStatus, waiting string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: target.Namespace, Name: "manager"}, Status: corev1.PodStatus{
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: waiting}}}},
		}}
	}
	expect(t, lookAtPods, patient(t, pod(corev1.ConditionTrue, "")), Fine, "1 pods")
	expect(t, lookAtPods, patient(t, pod(corev1.ConditionFalse, "CrashLoopBackOff")), Error, "manager (c: CrashLoopBackOff)")
	expect(t, lookAtPods, patient(t), Error, "has no pods")
}

func TestTheDefaultClass(t *testing.T) {
	class := func(name, isDefault string) *storagev1.StorageClass {
		return &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": isDefault}}}
	}
	expect(t, lookAtDefaultClass, patient(t, class("a", "true"), class("b", "false")), Fine, "a of")
	expect(t, lookAtDefaultClass, patient(t, class("a", "true"), class("b", "true")), Warning, "several")
	expect(t, lookAtDefaultClass, patient(t, class("b", "false")), Warning, "there is none")
}

func TestLeftoversOfOtherRuns(t *testing.T) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "x", Labels: map[string]string{runid.Label: "bcdfgh"}}}
	expect(t, lookAtRuns, patient(t), Fine, "")
	expect(t, lookAtRuns, patient(t, namespace), Warning, "muster clean --run bcdfgh")
	own := patient(t, namespace)
	own.Client.Run = "bcdfgh"
	expect(t, lookAtRuns, own, Fine, "")
}

func TestControllerAndSidecarMustFit(t *testing.T) {
	for versions, want := range map[[2]string]Level{
		{"v8.7.0", "v8.7.0"}: Fine, {"v8.7.0", "v8.2.0-20250101"}: Fine, {"v8.2.0", "v7.0.2"}: Fine,
		{"v8.2.0", "v8.7.0"}: Warning, {"v6.3.0", "v8.7.0"}: Error, {"v8.7.0", "v6.0.0"}: Warning, {"latest", "v8.7.0"}: Warning,
	} {
		if finding := compareVersions(versions[0], versions[1]); finding.Level != want {
			t.Errorf("controller %s with sidecar %s is %q, want %s", versions[0], versions[1], finding, want)
		}
	}
}

func TestOldSnapshotKindsAreKnownByTheirFields(t *testing.T) {
	version := func(field string) *apiextensionsv1.CustomResourceDefinitionVersion {
		return &apiextensionsv1.CustomResourceDefinitionVersion{Name: "v1", Served: true, Schema: &apiextensionsv1.CustomResourceValidation{
			OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Properties: map[string]apiextensionsv1.JSONSchemaProps{
				"spec": {Properties: map[string]apiextensionsv1.JSONSchemaProps{field: {}}}}}}}
	}
	if !hasField(version("sourceVolumeMode"), sinceV6) || hasField(version("source"), sinceV6) || hasField(&apiextensionsv1.CustomResourceDefinitionVersion{}, sinceV6) {
		t.Error("a kind of external-snapshotter 6 cannot be told from an older one")
	}
}

func TestWhatCannotBeLookedAtIsAnError(t *testing.T) {
	fog := func(context.Context, Patient) ([]Finding, error) { return nil, errors.New("fog") }
	findings := examine(t.Context(), Patient{}, []check{{"weather", fog}})
	if Worst(findings) != Error || findings[0].Check != "weather" || !strings.Contains(findings[0].String(), "fog") {
		t.Errorf("examine = %v, want an error about the weather", findings)
	}
}
