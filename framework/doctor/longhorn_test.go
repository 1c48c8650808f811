package doctor

import (
	"strings"
	"testing"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery/fake"

	"github.com/muster-csi/muster/framework/target"
)

// manager is the DaemonSet of a Longhorn.
func manager(tag string) *appsv1.DaemonSet {
	manager := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: target.Namespace, Name: "longhorn-manager"}}
	manager.Spec.Template.Spec.Containers = []corev1.Container{
		{Name: "pull", Image: "docker.io/longhornio/longhorn-share-manager:v1"}, {Name: "manager", Image: "registry.example:5000/mirror/longhorn-manager:" + tag},
	}
	return manager
}

// on sets the version of the API server.
func on(p Patient, kubernetes string) Patient {
	p.Client.Core.Discovery().(*fake.FakeDiscovery).FakedServerVersion = &version.Info{GitVersion: kubernetes}
	return p
}

func TestTheRelease(t *testing.T) {
	expect(t, lookAtLonghorn, on(patient(t, manager("v1.12.1")), "v1.36.3"), Fine, "v1.12.1, contract 1.12")
	expect(t, lookAtLonghorn, on(patient(t, manager("v1.12.1")), "v1.24.9"), Error, "needs Kubernetes v1.25")
	expect(t, lookAtLonghorn, on(patient(t, manager("v1.7.2")), "v1.24.9"), Fine, "v1.7.2")
	expect(t, lookAtLonghorn, on(patient(t, manager("v1.7.2")), "v1.20.1"), Error, "needs Kubernetes v1.21")
	expect(t, lookAtLonghorn, on(patient(t, manager("latest")), "v1.36.3"), Error, "is not the version of a Longhorn release")
	expect(t, lookAtLonghorn, on(patient(t), "v1.36.3"), Error, "no DaemonSet longhorn-system/longhorn-manager")
}

// running are pods with the sidecars in these versions.
func running(ready corev1.ConditionStatus, versions map[string]string) []runtime.Object {
	objects := []runtime.Object{manager("v1.12.1")}
	for name, tag := range versions {
		objects = append(objects, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: target.Namespace, Name: name + "-x"},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: name, Image: "longhornio/" + name + ":" + tag}}},
			Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}, ContainerStatuses: []corev1.ContainerStatus{
				{Name: name, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}},
			}},
		})
	}
	return objects
}

func TestASidecarThatIsNewerThanTheReleaseIsNamed(t *testing.T) {
	with := func(resizer string) map[string]string {
		return map[string]string{"csi-attacher": "v4.12.0", "csi-provisioner": "v5.3.0-20260101", "csi-resizer": resizer, "csi-snapshotter": "v8.6.0"}
	}
	expect(t, lookAtSidecars, patient(t, running(corev1.ConditionTrue, with("v2.2.1"))...), Fine, "v1.12.1 was released with")
	expect(t, lookAtSidecars, patient(t, running(corev1.ConditionFalse, with("v2.3.0"))...), Error, "csi-resizer: CrashLoopBackOff")
	expect(t, lookAtSidecars, patient(t, running(corev1.ConditionTrue, with("v2.3.0"))...), Warning, "CSI_RESIZER_IMAGE")
	expect(t, lookAtSidecars, patient(t, running(corev1.ConditionTrue, with("v2.1.0"))...), Warning, "is older than v2.2.1")
	none := with("v2.2.1")
	delete(none, "csi-attacher")
	expect(t, lookAtSidecars, patient(t, running(corev1.ConditionTrue, none)...), Error, "no pod has csi-attacher")
}

func TestPodSecurity(t *testing.T) {
	namespace := func(level string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: target.Namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": level}}}
	}
	expect(t, lookAtPodSecurity, patient(t, namespace("")), Fine, "may be privileged")
	expect(t, lookAtPodSecurity, patient(t, namespace("privileged")), Fine, "may be privileged")
	expect(t, lookAtPodSecurity, patient(t, namespace("restricted")), Error, "enforce=privileged --overwrite")
}

func TestWhatLonghornFindsOfANodeHasARemedy(t *testing.T) {
	node := &longhornv1beta2.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	for kind, status := range map[string]longhornv1beta2.ConditionStatus{
		longhornv1beta2.NodeConditionTypeReady: longhornv1beta2.ConditionStatusTrue, longhornv1beta2.NodeConditionTypeRequiredPackages: longhornv1beta2.ConditionStatusFalse,
		longhornv1beta2.NodeConditionTypeMountPropagation: longhornv1beta2.ConditionStatusFalse, longhornv1beta2.NodeConditionTypeHugePagesAvailable: longhornv1beta2.ConditionStatusFalse,
	} {
		node.Status.Conditions = append(node.Status.Conditions, longhornv1beta2.Condition{Type: kind, Status: status, Message: "because of " + kind})
	}
	findings := nodeFindings(node)
	if len(findings) != 2 {
		t.Fatalf("found %v, want the packages and the propagation", findings)
	}
	for _, finding := range findings {
		want := map[bool]Level{true: Error, false: Warning}[strings.Contains(finding.Seen, "MountPropagation")]
		if finding.Level != want || finding.Remedy == "" {
			t.Errorf("%s is %s with the remedy %q, want %s", finding.Seen, finding.Level, finding.Remedy, want)
		}
	}
}

func TestDisks(t *testing.T) {
	node := func(available int64) []longhornv1beta2.Node {
		return []longhornv1beta2.Node{{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Status: longhornv1beta2.NodeStatus{
			DiskStatus: map[string]*longhornv1beta2.DiskStatus{"d": {DiskPath: "/var/lib/longhorn", StorageAvailable: available << 30, StorageMaximum: 100 << 30}},
		}}}
	}
	for available, want := range map[int64]Level{80: Fine, 30: Warning, 20: Error} {
		if findings := diskFindings(node(available)); Worst(findings) != want {
			t.Errorf("with %d %% free: %v, want %s", available, findings, want)
		}
	}
	if findings := diskFindings(nil); Worst(findings) != Error {
		t.Errorf("without a disk: %v", findings)
	}
}
