package why

import (
	"testing"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var nightly = NewSubject(VolumeSnapshot, "shop", "nightly")

func TestASnapshotThatIsWell(t *testing.T) {
	for name, prepare := range map[string]func(*world){"snap": func(*world) {}, "bak": (*world).bak, "bi": (*world).bi} {
		w := newWorld()
		prepare(w)
		chain, err := Look(t.Context(), w.asSource(t), nightly)
		if err != nil || !chain.Ready || chain.Sentence() != "VolumeSnapshot shop/nightly is ready." {
			t.Errorf("%s: got %v, %v, want that it is ready", name, chain, err)
		}
	}
}

func TestTheCauseOfASnapshotThatIsNotReady(t *testing.T) {
	const refused = `failed to take snapshot of the volume v: "rpc error: code = `
	check(t, nightly, []trouble{
		{"its class is missing", func(w *world) { w.unready(""); w.without = append(w.without, w.class) },
			[]string{"VolumeSnapshotClass snaps does not exist"}},
		{"no class and no default", func(w *world) { w.unready(""); w.snapshot.Spec.VolumeSnapshotClassName = nil },
			[]string{"names no VolumeSnapshotClass"}},
		{"a class of another driver", func(w *world) { w.unready(""); w.class.Driver = "other.csi" },
			[]string{"VolumeSnapshotClass snaps is for driver other.csi", longhornDriver}},
		{"a driver that nobody has", func(w *world) { w.unready(""); w.without = append(w.without, w.driver) },
			[]string{"no CSI driver " + longhornDriver + " is installed"}},
		{"a type that does not exist", func(w *world) { w.unready(refused + `InvalidArgument desc = x"`); w.class.Parameters["type"] = "foo" },
			[]string{`asks for type "foo"`, "snap, bak and bi"}},
		{"its claim is missing", func(w *world) { w.unready(""); w.without = append(w.without, w.source) },
			[]string{"PersistentVolumeClaim shop/data", "does not exist"}},
		{"its claim is not bound", func(w *world) {
			w.unready("")
			w.source.Status.Phase, w.source.Spec.VolumeName, w.source.Spec.StorageClassName = corev1.ClaimPending, "", ptr.To("fast")
		}, []string{"PersistentVolumeClaim shop/data", "is not Bound", "StorageClass fast does not exist"}},
		{"its content is missing", func(w *world) { w.unready(""); w.without = append(w.without, w.content) },
			[]string{"VolumeSnapshotContent snapcontent-" + uid + " does not exist"}},
		{"its content is another's", func(w *world) { w.unready(""); w.content.Spec.VolumeSnapshotRef.Name = "other" },
			[]string{"belongs to another VolumeSnapshot, shop/other"}},
		{"the snapshot-controller crashes", func(w *world) {
			w.snapshot.Status = nil
			w.without = append(w.without, w.content)
			stop(w.controller, snapshotController)
		}, []string{"snapshot-controller does not run", "CrashLoopBackOff", "7 restarts"}},
		{"there is no snapshot-controller", func(w *world) {
			w.snapshot.Status = nil
			w.without = append(w.without, w.content, w.controller, w.controllers)
		}, []string{"no snapshot-controller runs in this cluster"}},
		{"the sidecars are scaled to 0", func(w *world) {
			w.unready("")
			w.deployment.Spec.Replicas, w.deployment.Status.AvailableReplicas = ptr.To(int32(0)), 0
			w.without = append(w.without, w.sidecars)
		}, []string{"csi-snapshotter does not run", "Deployment longhorn-system/controller is scaled to 0"}},
		{"the driver runs on no node", func(w *world) { w.unready(""); w.daemonSet.Status.NumberAvailable = 0; stop(w.plugin, "the-driver") },
			[]string{"DaemonSet longhorn-system/plugin runs on 0 of 1 nodes", "container the-driver of pod longhorn-system/plugin-0", "CrashLoopBackOff"}},
		{"the driver crashes beside its sidecars", func(w *world) { w.unready(""); stop(w.sidecars, "the-driver") },
			[]string{"the driver does not run", "container the-driver of pod longhorn-system/controller-0"}},
		{"a refusal for good", func(w *world) { w.unready(refused + `InvalidArgument desc = volume name must be provided"`) },
			[]string{"refuses the request", "(InvalidArgument): volume name must be provided"}},
		{"a failure", func(w *world) { w.unready(refused + `Internal desc = it broke"`) }, []string{"answers with an error and is asked again (Internal): it broke"}},
		{"a delay", func(w *world) { w.unready(refused + `Aborted desc = an earlier call is still running"`) },
			[]string{"cannot do it yet and is asked again (Aborted): an earlier call"}},
		{"an error of the controller", func(w *world) {
			w.unready("")
			w.snapshot.Status.Error = &snapshotv1.VolumeSnapshotError{Message: ptr.To("cannot do that")}
		}, []string{"snapshot-controller says: cannot do that"}},
		{"an event alone", func(w *world) { w.unready(""); w.warn(w.content, "SnapshotCreationFailed", "no luck") }, []string{"an event says: no luck"}},
		{"Longhorn's snapshot failed", func(w *world) {
			w.unready("")
			w.cut.Status.ReadyToUse, w.cut.Status.Error = false, "too many snapshots"
		},
			[]string{"Longhorn Snapshot " + csiName + " cannot be taken: too many snapshots"}},
		{"Longhorn's snapshot is on its way", func(w *world) { w.unready(""); w.cut.Status.ReadyToUse = false },
			[]string{"is asked for and not taken yet", "its volume is attached"}},
		{"Longhorn's snapshot was removed", func(w *world) { w.unready(""); w.cut.Status.MarkRemoved = true }, []string{"has been removed"}},
		{"the volume is faulted", func(w *world) { w.unready(""); w.volume.Status.Robustness = longhornv1beta2.VolumeRobustnessFaulted },
			[]string{"Longhorn Volume " + volumeName + " is faulted"}},
		{"the backup target is away", func(w *world) {
			w.bak()
			w.unready(refused + `Aborted desc = backup target default is not available"`)
			w.backup.Spec.SnapshotName = "of another"
			w.target.Status.Available = false
			w.target.Status.Conditions = []longhornv1beta2.Condition{{Type: "Unavailable", Status: "True", Message: "no such bucket"}}
		}, []string{"Longhorn BackupTarget default (s3://bucket@us-east-1/) is not available: no such bucket"}},
		{"the backup target is back", func(w *world) {
			w.bak()
			w.unready(refused + `Aborted desc = backup target default is not available"`)
			w.backup.Spec.SnapshotName = "of another"
		}, []string{"BackupTarget default was not available when the driver was asked last, and is now"}},
		{"the backup target has no URL", func(w *world) {
			w.bak()
			w.unready("")
			w.backup.Status.State = longhornv1beta2.BackupStatePending
			w.target.Status.Available, w.target.Spec.BackupTargetURL = false, ""
		}, []string{"BackupTarget default has no URL"}},
		{"the backup target is missing", func(w *world) {
			w.bak()
			w.unready("")
			w.volume.Spec.BackupTargetName, w.backup.Spec.SnapshotName = "elsewhere", ""
		}, []string{"BackupTarget elsewhere does not exist"}},
		{"the backup failed", func(w *world) {
			w.bak()
			w.unready("")
			w.backup.Status.State, w.backup.Status.Error = longhornv1beta2.BackupStateError, "connection refused"
			w.target.Status.Available = false
		}, []string{"Longhorn Backup backup-1 failed for good", "connection refused"}},
		{"the backup is on its way", func(w *world) {
			w.bak()
			handle := w.content.Status.SnapshotHandle
			w.unready("")
			w.content.Status.SnapshotHandle = handle
			w.backup.Status.State, w.backup.Status.Progress = longhornv1beta2.BackupStateInProgress, 42
		}, []string{"is being uploaded, 42 % is there"}},
		{"the backup has not begun", func(w *world) { w.bak(); w.unready(""); w.backup.Status.State = longhornv1beta2.BackupStatePending },
			[]string{"Longhorn Backup backup-1 has not begun, its state is Pending"}},
		{"the image failed", func(w *world) {
			w.bi()
			w.unready("")
			w.image.Status.DiskFileStatusMap["disk"] = &longhornv1beta2.BackingImageDiskFileStatus{State: "failed", Message: "disk full"}
		}, []string{"Longhorn BackingImage snapshot-", "has failed", "disk full"}},
		{"the image is on its way", func(w *world) {
			w.bi()
			w.unready("")
			w.image.Status.DiskFileStatusMap["disk"] = &longhornv1beta2.BackingImageDiskFileStatus{State: "in-progress", Progress: 7}
		}, []string{"is not complete", "7 %"}},
		{"a part of storage is ill", func(w *world) { w.unready(""); stop(w.sidecars, attacher) }, []string{"container csi-attacher", "CrashLoopBackOff"}},
		{"nothing is known", func(w *world) { w.unready("") }, []string{"the driver has not answered", "nothing says why"}},
	})
}

func TestASnapshotThatSaysItIsReadyButIsLost(t *testing.T) {
	check(t, nightly, []trouble{
		{"its volume was deleted", func(w *world) { w.without = append(w.without, w.cut, w.volume) }, []string{"Kubernetes holds it for ready, but Longhorn Volume", "is lost with its volume"}},
		{"its snapshot was deleted", func(w *world) { w.without = append(w.without, w.cut) }, []string{"Longhorn Snapshot " + csiName + " does not exist any more"}},
		{"its backup was deleted", func(w *world) { w.bak(); w.without = append(w.without, w.backup) }, []string{"Longhorn Backup backup-1 does not exist"}},
		{"its image was deleted", func(w *world) { w.bi(); w.without = append(w.without, w.image) }, []string{"Longhorn BackingImage", "does not exist"}},
	})
}

func TestWhatHoldsASnapshotThatIsDeleted(t *testing.T) {
	going := metav1.Now()
	gone := func(w *world) {
		w.snapshot.DeletionTimestamp, w.snapshot.Finalizers = &going, []string{"bound"}
		w.content.DeletionTimestamp, w.content.Finalizers = &going, []string{"content"}
	}
	check(t, nightly, []trouble{
		{"a claim that waits for it", func(w *world) { gone(w); w.unbound() }, []string{"claims restored still wait"}},
		{"a refusal that only an event tells", func(w *world) { gone(w); w.bi(); w.warn(w.content, "SnapshotDeleteError", "Failed to delete snapshot") },
			[]string{"Failed to delete snapshot", "BackingImage", "while a volume uses it"}},
		{"a snapshotter that does not run", func(w *world) { gone(w); stop(w.sidecars, snapshotter) }, []string{"csi-snapshotter does not run"}},
		{"a finalizer", gone, []string{"finalizers hold it: bound"}},
	})
}

func TestAContentIsExplainedToo(t *testing.T) {
	subject := NewSubject(VolumeSnapshotContent, "", "snapcontent-"+uid)
	check(t, subject, []trouble{
		{"with its snapshot", func(w *world) { w.unready(""); w.without = append(w.without, w.class) }, []string{"VolumeSnapshotClass snaps does not exist"}},
		{"without its snapshot", func(w *world) {
			w.unready(`"rpc error: code = NotFound desc = volume x not found"`)
			w.without = append(w.without, w.snapshot)
		}, []string{"(NotFound): volume x not found"}},
	})
}

func TestTheSizeIsForPeople(t *testing.T) {
	for bytes, want := range map[int64]string{64 << 20: "64Mi", 2 << 30: "2Gi", 1000: "1000 bytes"} {
		if got := size(bytes); got != want {
			t.Errorf("size(%d) = %q, want %q", bytes, got, want)
		}
	}
}
