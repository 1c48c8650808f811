package why

import (
	"testing"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var web = NewSubject(Pod, "shop", "web")

func TestAPodThatIsWell(t *testing.T) {
	chain, err := Look(t.Context(), newWorld().asSource(t), web)
	if err != nil || !chain.Ready {
		t.Errorf("got %v, %v, want that it is ready", chain, err)
	}
}

// detached makes the pod's volume one that is not attached.
func detached(w *world, failure string) {
	w.starting()
	w.attachment.Status.Attached = false
	if failure != "" {
		w.attachment.Status.AttachError = &storagev1.VolumeError{Message: failure}
	}
}

// unscheduled makes the pod one that no node takes.
func unscheduled(w *world, why string) {
	w.starting()
	w.pod.Spec.NodeName = ""
	w.pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: why}}
}

func TestTheCauseOfAPodThatIsNotReady(t *testing.T) {
	check(t, web, []trouble{
		{"it has failed", func(w *world) {
			w.starting()
			w.pod.Status.Phase = corev1.PodFailed
			w.pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error"}}
		}, []string{"container web of pod shop/web has ended with exit code 3"}},
		{"no node takes it", func(w *world) { unscheduled(w, "0/1 nodes are available: 1 Insufficient memory.") }, []string{"no node can take it", "Insufficient memory"}},
		{"its claim is missing", func(w *world) {
			unscheduled(w, `persistentvolumeclaim "restored" not found`)
			w.without = append(w.without, w.restored)
		}, []string{"PersistentVolumeClaim shop/restored, which it uses, does not exist"}},
		{"its claim is not bound", func(w *world) {
			unscheduled(w, "pod has unbound immediate PersistentVolumeClaims.")
			asks(w, "96Mi")
		}, []string{"PersistentVolumeClaim shop/restored, which it uses, is not ready because it asks for 96Mi"}},
		{"its claim is being deleted", func(w *world) {
			w.starting()
			w.restored.DeletionTimestamp, w.restored.Finalizers = ptr.To(metav1.Now()), []string{"x"}
		}, []string{"PersistentVolumeClaim shop/restored, which it uses, is being deleted"}},
		{"its data are being copied", func(w *world) {
			detached(w, "rpc error: code = Aborted desc = volume is not ready for workloads")
			w.copied.Status.CloneStatus.State = longhornv1beta2.VolumeCloneStateInitiated
		}, []string{"which it uses, is not ready because the data of", "are still being copied"}},
		{"its volume is elsewhere", func(w *world) {
			w.starting()
			w.attachment.Spec.NodeName = "node-2"
			w.warn(w.pod, "FailedAttachVolume", `Multi-Attach error for volume "x"`)
		}, []string{"still attached to node node-2", "Multi-Attach"}},
		{"the attacher crashes", func(w *world) { detached(w, ""); stop(w.sidecars, attacher) }, []string{"csi-attacher does not run", "CrashLoopBackOff"}},
		{"the attachment is refused", func(w *world) { detached(w, "rpc error: code = FailedPrecondition desc = it is faulted") },
			[]string{"its volume " + restoredName + " cannot be attached", "(FailedPrecondition): it is faulted"}},
		{"only an event tells of a refusal", func(w *world) { detached(w, ""); w.warn(w.pod, "FailedAttachVolume", "timed out") }, []string{"cannot be attached", "timed out"}},
		{"the driver is not on its node", func(w *world) { detached(w, "CSINode node-1 does not contain driver"); w.node.Spec.Drivers = nil }, []string{"driver " + longhornDriver + " is not registered on node node-1"}},
		{"the driver runs nowhere", func(w *world) { w.starting(); w.daemonSet.Status.NumberAvailable = 0 }, []string{"runs on 0 of 1 nodes"}},
		{"its volume cannot be mounted", func(w *world) {
			w.starting()
			w.warn(w.pod, "FailedMount", "rpc error: code = Internal desc = mkfs failed")
		},
			[]string{"cannot be mounted", "(Internal): mkfs failed"}},
		{"its image cannot be pulled", func(w *world) {
			w.starting()
			w.pod.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: "ErrImageNeverPull", Message: "not present"}
		}, []string{"container web", "ErrImageNeverPull", "not present"}},
		{"another warning", func(w *world) { w.starting(); w.warn(w.pod, "FailedCreatePodSandBox", "no network") }, []string{"no network"}},
		{"nothing is known", func(w *world) { w.starting() }, []string{"nothing says why"}},
		{"it still runs while it is deleted", func(w *world) { w.pod.DeletionTimestamp, w.pod.Finalizers = ptr.To(metav1.Now()), []string{"x"} },
			[]string{"container web still runs"}},
		{"its volume cannot be unmounted", func(w *world) {
			w.starting()
			w.pod.DeletionTimestamp, w.pod.Finalizers = ptr.To(metav1.Now()), []string{"x"}
			w.node.Spec.Drivers = nil
		}, []string{"driver " + longhornDriver + " is not registered on node node-1"}},
		{"a finalizer keeps it from deletion", func(w *world) {
			w.starting()
			w.pod.DeletionTimestamp, w.pod.Finalizers = ptr.To(metav1.Now()), []string{"somebody"}
		}, []string{"finalizers hold it: somebody"}},
	})
}
