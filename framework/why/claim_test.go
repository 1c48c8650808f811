package why

import (
	"testing"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var restored = NewSubject(Claim, "shop", "restored")

func TestAClaimThatIsWell(t *testing.T) {
	chain, err := Look(t.Context(), newWorld().asSource(t), restored)
	if err != nil || !chain.Ready {
		t.Errorf("got %v, %v, want that it is ready", chain, err)
	}
}

// asks makes the restored claim Pending with another size.
func asks(w *world, size string) {
	w.unbound()
	w.restored.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse(size)
}

// cloned makes the restored claim a clone of the source instead of a restore.
func cloned(w *world) {
	w.restored.Spec.DataSource = &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: "data"}
}

func TestTheCauseOfAClaimThatIsNotBound(t *testing.T) {
	check(t, restored, []trouble{
		{"its volume is gone", func(w *world) {
			w.unbound()
			w.restored.Status.Phase, w.restored.Spec.VolumeName = corev1.ClaimLost, "pv-1"
		},
			[]string{"PersistentVolume pv-1 does not exist any more"}},
		{"its class is missing", func(w *world) { w.unbound(); w.without = append(w.without, w.storageClass) }, []string{"StorageClass longhorn does not exist"}},
		{"no class and no default", func(w *world) { w.unbound(); w.restored.Spec.StorageClassName = nil }, []string{"names no StorageClass and none is the default"}},
		{"nobody provides for its class", func(w *world) { w.unbound(); w.storageClass.Provisioner = "typo.longhorn.io" },
			[]string{"there is no CSI driver typo.longhorn.io"}},
		{"its snapshot is missing", func(w *world) { w.unbound(); w.without = append(w.without, w.snapshot) }, []string{"VolumeSnapshot shop/nightly", "does not exist"}},
		{"its snapshot is not ready", func(w *world) { w.unbound(); w.unready(""); w.without = append(w.without, w.class) },
			[]string{"VolumeSnapshot shop/nightly", "is not ready because VolumeSnapshotClass snaps does not exist"}},
		{"its snapshot is being deleted", func(w *world) {
			w.unbound()
			w.snapshot.DeletionTimestamp, w.snapshot.Finalizers = ptr.To(metav1.Now()), []string{"x"}
		}, []string{"VolumeSnapshot shop/nightly", "is being deleted"}},
		{"its snapshot is lost", func(w *world) { w.unbound(); w.without = append(w.without, w.cut, w.volume) },
			[]string{"says that it is ready, but", "is lost with its volume"}},
		{"its snapshot has a handle of nothing", func(w *world) { w.unbound(); w.content.Status.SnapshotHandle = ptr.To("garbage") },
			[]string{`has the handle "garbage"`, "names nothing"}},
		{"its backup was copied too early", func(w *world) { w.unbound(); w.bak(); w.backup.Status.State = longhornv1beta2.BackupStateInProgress },
			[]string{"says that it is ready, but Longhorn Backup backup-1 is being uploaded"}},
		{"its source is missing", func(w *world) { w.unbound(); cloned(w); w.without = append(w.without, w.source) },
			[]string{"PersistentVolumeClaim shop/data", "does not exist in its namespace"}},
		{"its source is not bound", func(w *world) {
			w.unbound()
			cloned(w)
			w.source.Status.Phase, w.source.Spec.VolumeName = corev1.ClaimPending, ""
			w.warn(w.source, "ProvisioningFailed", "rpc error: code = ResourceExhausted desc = disk full")
		}, []string{"PersistentVolumeClaim shop/data", "is not Bound", "(ResourceExhausted): disk full"}},
		{"its snapshot is of another driver", func(w *world) { w.unbound(); w.content.Spec.Driver = "other.csi" },
			[]string{"VolumeSnapshot shop/nightly belongs to driver other.csi"}},
		{"it is smaller", func(w *world) { asks(w, "32Mi") }, []string{"asks for 32Mi", "needs 64Mi"}},
		{"it is larger", func(w *world) { asks(w, "96Mi") }, []string{"asks for 96Mi", "has 64Mi", "make the claim anew with 64Mi"}},
		{"it is a larger clone", func(w *world) { asks(w, "96Mi"); cloned(w) }, []string{"asks for 96Mi", "has 64Mi"}},
		{"the provisioner crashes", func(w *world) { w.unbound(); stop(w.sidecars, provisioner) }, []string{"csi-provisioner does not run", "CrashLoopBackOff"}},
		{"there is no provisioner", func(w *world) { w.unbound(); w.without = append(w.without, w.sidecars, w.deployment) },
			[]string{"no csi-provisioner runs in this cluster"}},
		{"the driver runs on no node", func(w *world) { w.unbound(); w.daemonSet.Status.DesiredNumberScheduled = 0 },
			[]string{"DaemonSet longhorn-system/plugin has no node to run on"}},
		{"it waits for a pod", func(w *world) {
			w.unbound()
			w.storageClass.VolumeBindingMode = ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)
			w.without = append(w.without, w.pod)
		}, []string{"waits for the first pod that uses the claim"}},
		{"the driver refuses it", func(w *world) {
			w.unbound()
			w.warn(w.restored, "ProvisioningFailed", `failed to provision volume with StorageClass "longhorn": rpc error: code = InvalidArgument desc = invalid parameter foo`)
		}, []string{"refuses the request", "(InvalidArgument): invalid parameter foo"}},
		{"the provisioner itself refuses it", func(w *world) { w.unbound(); w.warn(w.restored, "ProvisioningFailed", "no such thing") },
			[]string{"csi-provisioner says: no such thing"}},
		{"nothing is known", func(w *world) { w.unbound() }, []string{"nothing says why"}},
	})
}

func TestTheCauseOfABoundClaimThatCannotBeUsed(t *testing.T) {
	check(t, restored, []trouble{
		{"its PersistentVolume is gone", func(w *world) { w.without = append(w.without, w.restoredPV) }, []string{"PersistentVolume " + restoredName, "does not exist any more"}},
		{"Longhorn's volume is gone", func(w *world) { w.without = append(w.without, w.copied) }, []string{"Longhorn Volume " + restoredName + " does not exist any more"}},
		{"it is faulted", func(w *world) { w.copied.Status.Robustness = longhornv1beta2.VolumeRobustnessFaulted }, []string{"is faulted"}},
		{"its copy is on its way", func(w *world) { w.copied.Status.CloneStatus.State = longhornv1beta2.VolumeCloneStateInitiated },
			[]string{"are still being copied into Longhorn Volume " + restoredName, "initiated"}},
		{"its copy failed", func(w *world) {
			w.copied.Status.CloneStatus = longhornv1beta2.VolumeCloneStatus{State: longhornv1beta2.VolumeCloneStateFailed, AttemptCount: 3, NextAllowedAttemptAt: "noon"}
		}, []string{"failed 3 times", "tried again at noon"}},
		{"its restore is on its way", func(w *world) {
			w.copied.Spec.DataSource, w.copied.Spec.FromBackup = "", "s3://x"
			w.copied.Status.RestoreInitiated, w.copied.Status.RestoreRequired = true, true
			w.copied.Status.Conditions = []longhornv1beta2.Condition{{Type: "Restore", Status: "False", Reason: "RestoreInProgress", Message: "12 %"}}
		}, []string{"is still being restored from its backup", "12 %"}},
		{"its restore failed", func(w *world) {
			w.copied.Spec.DataSource, w.copied.Spec.FromBackup = "", "s3://x"
			w.copied.Status.Conditions = []longhornv1beta2.Condition{{Type: "Restore", Status: "False", Reason: "RestoreFailure", Message: "no such backup"}}
			w.copied.Status.Robustness = longhornv1beta2.VolumeRobustnessFaulted
		}, []string{"the restore of Longhorn Volume " + restoredName, "no such backup"}},
		{"it waits for its image", func(w *world) {
			w.bi()
			w.copied.Spec.DataSource, w.copied.Spec.BackingImage = "", w.image.Name
			w.copied.Status.Conditions = []longhornv1beta2.Condition{{Type: "WaitForBackingImage", Status: "True", Message: "in-progress"}}
		}, []string{"waits for backing image", "in-progress"}},
		{"its image failed", func(w *world) {
			w.bi()
			w.copied.Spec.DataSource, w.copied.Spec.BackingImage = "", w.image.Name
			w.image.Status.DiskFileStatusMap["disk"].State, w.image.Status.DiskFileStatusMap["disk"].Message = "failed", "404"
			w.copied.Status.Conditions = []longhornv1beta2.Condition{{Type: "WaitForBackingImage", Status: "True"}}
		}, []string{"begins with a backing image", "has failed", "404"}},
		{"its image is missing", func(w *world) { w.copied.Spec.DataSource, w.copied.Spec.BackingImage = "", "nowhere" },
			[]string{"begins with Longhorn BackingImage nowhere, which does not exist"}},
		{"its replicas have no place", func(w *world) {
			w.copied.Status.Conditions = []longhornv1beta2.Condition{{Type: "Scheduled", Status: "False", Message: "insufficient storage"}}
		}, []string{"no place was found", "insufficient storage"}},
		{"a pod keeps it from deletion", func(w *world) {
			w.restored.DeletionTimestamp, w.restored.Finalizers = ptr.To(metav1.Now()), []string{"kubernetes.io/pvc-protection"}
		}, []string{"pods web use it"}},
		{"a finalizer keeps it from deletion", func(w *world) {
			w.restored.DeletionTimestamp, w.restored.Finalizers = ptr.To(metav1.Now()), []string{"somebody"}
			w.without = append(w.without, w.pod)
		}, []string{"finalizers hold it: somebody"}},
	})
}
