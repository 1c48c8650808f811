package evidence

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

func TestCallsOfTheSpecAreKept(t *testing.T) {
	log := `{"msg":"CSI call","method":"CreateSnapshot","id":"pvc-1"}
{"msg":"CSI call","method":"CreateSnapshot","id":"pvc-2"}
{"msg":"reconciled","volume":"pvc-1"}
GRPC call" method="/csi.v1.Controller/DeleteVolume" request="pvc-1"
`
	var calls bytes.Buffer
	appendCalls(&calls, "driver", []byte(log), []string{"pvc-1"})
	lines := strings.Split(strings.TrimSpace(calls.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "CreateSnapshot") || !strings.Contains(lines[1], "DeleteVolume") {
		t.Errorf("calls are %q, want the two about pvc-1", lines)
	}
}

func TestNamesOfThingsThatAreGoneComeFromEventsAndHandles(t *testing.T) {
	event := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: "spec", Name: "e"},
		InvolvedObject: corev1.ObjectReference{Kind: "PersistentVolumeClaim", UID: "1f2e"}}
	other := event.DeepCopy()
	other.Namespace, other.InvolvedObject.UID = "another", "dead"
	handle := "bak://pvc-c7cfef5d-3007-402c/backup-761ebd7d7b92b16c"
	content := &snapshotv1.VolumeSnapshotContent{ObjectMeta: metav1.ObjectMeta{Name: "imported"},
		Spec: snapshotv1.VolumeSnapshotContentSpec{VolumeSnapshotRef: corev1.ObjectReference{Namespace: "spec"},
			Source: snapshotv1.VolumeSnapshotContentSource{SnapshotHandle: &handle}}}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, snapshotv1.AddToScheme, longhornv1beta2.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(event, other, content).Build()
	_, names, err := gather(t.Context(), Source{Client: c, Namespace: "spec"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"backup-761ebd7d7b92b16c", "imported", "pvc-1f2e", "pvc-c7cfef5d-3007-402c", "spec"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names differ:\n%s", diff)
	}
}
