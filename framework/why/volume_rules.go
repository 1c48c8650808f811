package why

import (
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// volumeRules are about a volume that exists and cannot be used.
var volumeRules = []func(behind) string{restoreFailed, cloneFailed, imageMissing, imageOfVolumeFailed, waitsForImage, restores, clones, volumeFaulted, notScheduled}

func restoreFailed(b behind) string {
	volume := b.volume.object
	if volume == nil || volume.Spec.FromBackup == "" {
		return ""
	}
	for _, condition := range volume.Status.Conditions {
		failed := condition.Reason == longhornv1beta2.VolumeConditionReasonRestoreFailure && condition.Status == longhornv1beta2.ConditionStatusFalse
		if condition.Type == longhornv1beta2.VolumeConditionTypeRestore && failed {
			return fmt.Sprintf("the restore of %s from its backup failed: %s", b.volume.label, condition.Message)
		}
	}
	if volume.Status.Robustness == longhornv1beta2.VolumeRobustnessFaulted {
		return b.volume.label + " is faulted; it was to be restored from " + volume.Spec.FromBackup
	}
	return ""
}

func cloneFailed(b behind) string {
	volume := b.volume.object
	if volume == nil || volume.Status.CloneStatus.State != longhornv1beta2.VolumeCloneStateFailed {
		return ""
	}
	clone := volume.Status.CloneStatus
	text := fmt.Sprintf("copying the data of %s into %s failed %d times", volume.Spec.DataSource, b.volume.label, clone.AttemptCount)
	if clone.NextAllowedAttemptAt != "" {
		text += ", tried again at " + clone.NextAllowedAttemptAt
	}
	return text + after(conditionMessage(volume, longhornv1beta2.VolumeConditionTypeRestore))
}

func imageMissing(b behind) string {
	if b.volume.object == nil || !b.image.absent {
		return ""
	}
	return fmt.Sprintf("%s begins with %s, which does not exist", b.volume.label, b.image.label)
}

func imageOfVolumeFailed(b behind) string {
	cause := imageFailed(b)
	if b.volume.object == nil || cause == "" || !awaitsImage(b.volume.object) {
		return ""
	}
	return fmt.Sprintf("%s begins with a backing image, and %s", b.volume.label, cause)
}

func waitsForImage(b behind) string {
	volume := b.volume.object
	if volume == nil || !awaitsImage(volume) {
		return ""
	}
	for _, condition := range volume.Status.Conditions {
		if condition.Type == longhornv1beta2.VolumeConditionTypeWaitForBackingImage {
			return fmt.Sprintf("%s waits for backing image %s%s", b.volume.label, volume.Spec.BackingImage, after(condition.Message))
		}
	}
	return ""
}

// awaitsImage reports whether a volume says that it has not got the image that it begins with.
func awaitsImage(volume *longhornv1beta2.Volume) bool {
	for _, condition := range volume.Status.Conditions {
		if condition.Type == longhornv1beta2.VolumeConditionTypeWaitForBackingImage {
			return condition.Status == longhornv1beta2.ConditionStatusTrue
		}
	}
	return false
}

func restores(b behind) string {
	volume := b.volume.object
	if volume == nil || volume.Spec.FromBackup == "" || volume.Status.RestoreInitiated && !volume.Status.RestoreRequired {
		return ""
	}
	return fmt.Sprintf("%s is still being restored from its backup%s", b.volume.label, after(conditionMessage(volume, longhornv1beta2.VolumeConditionTypeRestore)))
}

func clones(b behind) string {
	volume := b.volume.object
	if volume == nil || volume.Spec.DataSource == "" || volume.Status.CloneStatus.State == longhornv1beta2.VolumeCloneStateCompleted {
		return ""
	}
	return fmt.Sprintf("the data of %s are still being copied into %s (clone %s)", volume.Spec.DataSource, b.volume.label, orNone(string(volume.Status.CloneStatus.State)))
}

func notScheduled(b behind) string {
	if b.volume.object == nil {
		return ""
	}
	if why := conditionMessage(b.volume.object, longhornv1beta2.VolumeConditionTypeScheduled); why != "" {
		return fmt.Sprintf("no place was found for the replicas of %s: %s", b.volume.label, why)
	}
	return ""
}
