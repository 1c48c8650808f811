package why

import (
	"testing"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func TestLonghornsOwnResources(t *testing.T) {
	inLonghorn := func(kind Kind, name string) Subject { return NewSubject(kind, "", name) }
	for _, c := range []struct {
		subject Subject
		trouble
	}{
		{inLonghorn(LonghornVolume, volumeName), trouble{"a volume without replicas", func(w *world) {
			w.volume.Status.Robustness = longhornv1beta2.VolumeRobustnessFaulted
		}, []string{"is faulted"}}},
		{inLonghorn(LonghornVolume, volumeName), trouble{"a volume between states", func(w *world) {
			w.volume.Status.State = longhornv1beta2.VolumeStateDetaching
		}, []string{"is detaching"}}},
		{inLonghorn(LonghornCut, csiName), trouble{"a snapshot", func(w *world) { w.cut.Status.ReadyToUse = false }, []string{"is asked for and not taken yet"}}},
		{inLonghorn(LonghornCut, csiName), trouble{"a snapshot without a driver", func(w *world) {
			w.cut.Status.ReadyToUse, w.daemonSet.Status.NumberAvailable = false, 0
		}, []string{"runs on 0 of 1 nodes"}}},
		{inLonghorn(LonghornBackup, "backup-1"), trouble{"a backup", func(w *world) {
			w.bak()
			w.backup.Status.State, w.target.Status.Available = longhornv1beta2.BackupStatePending, false
		}, []string{"BackupTarget default", "it was not looked at yet"}}},
		{inLonghorn(LonghornBackup, "backup-1"), trouble{"a backup that is deleted while its target is away", func(w *world) {
			w.bak()
			w.backup.DeletionTimestamp, w.backup.Finalizers = ptr.To(metav1.Now()), []string{"longhorn.io"}
			w.target.Status.Available = false
		}, []string{"finalizers hold it: longhorn.io", "BackupTarget default is not available"}}},
		{inLonghorn(LonghornTarget, "default"), trouble{"a target", func(w *world) { w.target.Status.Available = false }, []string{"is not available"}}},
		{inLonghorn(LonghornImage, csiName[:imagePrefix]+"-01234567"), trouble{"an image", func(w *world) {
			w.bi()
			w.image.Status.DiskFileStatusMap["disk"].State = "in-progress"
		}, []string{"is not complete"}}},
	} {
		check(t, c.subject, []trouble{c.trouble})
	}
}
