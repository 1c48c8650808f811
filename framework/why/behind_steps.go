package why

import (
	"fmt"
	"slices"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// names are those by which logs can tell Longhorn's resources.
func (b behind) names() []string {
	var all []string
	if b.cut.object != nil {
		all = append(all, b.cut.object.Name)
	}
	if b.backup.object != nil {
		all = append(all, b.backup.object.Name)
	}
	if b.image.object != nil {
		all = append(all, b.image.object.Name)
	}
	return all
}

// steps describe Longhorn's resources, from the volume to where its data go.
func (b behind) steps() []Step {
	return slices.Concat(
		b.volume.step(describeVolume), b.cut.step(describeCut), b.backup.step(describeBackup),
		b.target.step(describeTarget), b.image.step(describeImage))
}

func describeVolume(v *longhornv1beta2.Volume) string {
	text := fmt.Sprintf("%s, robustness %s, %s", orNone(string(v.Status.State)), orNone(string(v.Status.Robustness)), size(v.Spec.Size))
	if state := v.Status.CloneStatus.State; state != "" {
		text += ", clone " + string(state)
	}
	if v.Spec.FromBackup != "" {
		text += fmt.Sprintf(", from a backup, restoreRequired %t", v.Status.RestoreRequired)
	}
	if v.Spec.BackingImage != "" {
		text += ", begins with backing image " + v.Spec.BackingImage
	}
	for _, condition := range v.Status.Conditions {
		bad := condition.Status == longhornv1beta2.ConditionStatusFalse
		if condition.Type == longhornv1beta2.VolumeConditionTypeWaitForBackingImage || condition.Type == longhornv1beta2.VolumeConditionTypeTooManySnapshots {
			bad = !bad
		}
		if bad && condition.Message != "" {
			text += fmt.Sprintf("; %s %s: %s", condition.Type, condition.Status, condition.Message)
		}
	}
	return text
}

func describeCut(s *longhornv1beta2.Snapshot) string {
	return fmt.Sprintf("readyToUse %t, markRemoved %t, error %s%s", s.Status.ReadyToUse, s.Status.MarkRemoved, orNone(s.Status.Error), deletion(s))
}

func describeBackup(b *longhornv1beta2.Backup) string {
	return fmt.Sprintf("%s, %d %%, error %s%s", orNone(string(b.Status.State)), b.Status.Progress, orNone(b.Status.Error), deletion(b))
}

func describeTarget(t *longhornv1beta2.BackupTarget) string {
	return fmt.Sprintf("%s, available %t%s", orNone(t.Spec.BackupTargetURL), t.Status.Available, after(longhorn.Unavailable(t)))
}

func describeImage(i *longhornv1beta2.BackingImage) string {
	return fmt.Sprintf("%s, %s%s", i.Spec.SourceType, longhorn.ImageStates(i), deletion(i))
}

// deletion says since when an object is being deleted and what holds it, "" when it is not.
func deletion(object client.Object) string {
	if object.GetDeletionTimestamp() == nil {
		return ""
	}
	if len(object.GetFinalizers()) == 0 {
		return ", being deleted"
	}
	return ", being deleted, held by " + strings.Join(object.GetFinalizers(), " and ")
}

// size is a number of bytes for people.
func size(bytes int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "Gi"}, {1 << 20, "Mi"}, {1 << 10, "Ki"}} {
		if bytes >= unit.bytes && bytes%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", bytes/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
