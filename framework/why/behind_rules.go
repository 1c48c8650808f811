package why

import (
	"fmt"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/muster-csi/muster/framework/longhorn"
)

// first returns what the first rule that fits says, "" when none does.
func first[F any](facts F, rules []func(F) string) string {
	for _, rule := range rules {
		if cause := rule(facts); cause != "" {
			return cause
		}
	}
	return ""
}

// lost are rules about data that are gone, also of a snapshot that says that it is ready.
var lost = []func(behind) string{cutGone, backupGone, imageGone, cutRemoved, imageFailed}

// failing are rules about what stands in the way of a snapshot in Longhorn.
var failing = []func(behind) string{backupFailed, targetMissing, targetUnavailable, cutRemoved, cutFailed, imageFailed, volumeFaulted}

// underway are rules about work that has not ended.
var underway = []func(behind) string{backupRuns, backupWaits, imageRuns, cutWaits}

func cutGone(b behind) string {
	switch {
	case b.kind != longhorn.TypeSnapshot || !b.cut.absent:
		return ""
	case b.volume.absent:
		return fmt.Sprintf("%s does not exist, and a snapshot of type snap is lost with its volume", b.volume.label)
	}
	return b.cut.label + " does not exist any more: the data are gone, delete this one and take another"
}

func backupGone(b behind) string {
	if b.kind != longhorn.TypeBackup || !b.backup.absent {
		return ""
	}
	return b.backup.label + " does not exist: it was deleted, or is in a backup target that this cluster does not have"
}

func imageGone(b behind) string {
	if b.kind != longhorn.TypeBackingImage || !b.image.absent {
		return ""
	}
	return b.image.label + " does not exist"
}

func cutRemoved(b behind) string {
	cut := b.cut.object
	if b.kind != longhorn.TypeSnapshot || cut == nil || !longhorn.Removed(cut) {
		return ""
	}
	return b.cut.label + " has been removed and cannot be used: delete this one and take another"
}

func cutFailed(b behind) string {
	if cut := b.cut.object; cut != nil && !cut.Status.ReadyToUse && cut.Status.Error != "" {
		return fmt.Sprintf("%s cannot be taken: %s", b.cut.label, cut.Status.Error)
	}
	return ""
}

func cutWaits(b behind) string {
	if cut := b.cut.object; cut == nil || cut.Status.ReadyToUse {
		return ""
	}
	text := b.cut.label + " is asked for and not taken yet"
	if volume := b.volume.object; volume != nil {
		text += fmt.Sprintf("; its volume is %s", orNone(string(volume.Status.State)))
	}
	return text
}

func backupFailed(b behind) string {
	backup := b.backup.object
	if backup == nil || backup.Status.State != longhornv1beta2.BackupStateError && backup.Status.Error == "" {
		return ""
	}
	return fmt.Sprintf("%s failed for good, so that only a new snapshot helps: %s", b.backup.label, orNone(backup.Status.Error))
}

func backupRuns(b behind) string {
	if backup := b.backup.object; backup != nil && backup.Status.State == longhornv1beta2.BackupStateInProgress {
		return fmt.Sprintf("%s is being uploaded, %d %% is there", b.backup.label, backup.Status.Progress)
	}
	return ""
}

func backupWaits(b behind) string {
	backup := b.backup.object
	if backup == nil || backup.Status.State == longhornv1beta2.BackupStateCompleted {
		return ""
	}
	if cause := cutWaits(b); cause != "" {
		return cause
	}
	if messages := backup.Status.Messages; len(messages) > 0 {
		return fmt.Sprintf("%s has not begun: %v", b.backup.label, messages)
	}
	return fmt.Sprintf("%s has not begun, its state is %s", b.backup.label, orNone(string(backup.Status.State)))
}

// needsTarget reports that a backup is still to be written.
func (b behind) needsTarget() bool {
	done := b.backup.object != nil && b.backup.object.Status.State == longhornv1beta2.BackupStateCompleted
	return b.kind == longhorn.TypeBackup && !done
}

func targetMissing(b behind) string {
	if !b.needsTarget() || !b.target.absent {
		return ""
	}
	return b.target.label + " does not exist: make it, or name another with backupTargetName in the StorageClass"
}

func targetUnavailable(b behind) string {
	target := b.target.object
	switch {
	case !b.needsTarget() || target == nil || target.Status.Available:
		return ""
	case target.Spec.BackupTargetURL == "":
		return b.target.label + " has no URL: set spec.backupTargetURL"
	}
	why := longhorn.Unavailable(target)
	if why == "" {
		why = "it was not looked at yet"
	}
	return fmt.Sprintf("%s (%s) is not available: %s", b.target.label, target.Spec.BackupTargetURL, why)
}

func imageFailed(b behind) string {
	if image := b.image.object; image != nil && longhorn.ImageFailure(image) != "" {
		return fmt.Sprintf("%s has %s", b.image.label, longhorn.ImageFailure(image))
	}
	return ""
}

func imageRuns(b behind) string {
	if image := b.image.object; image != nil && !longhorn.ImageReady(image) {
		return fmt.Sprintf("%s is not complete: %s", b.image.label, longhorn.ImageStates(image))
	}
	return ""
}

func volumeFaulted(b behind) string {
	volume := b.volume.object
	if volume == nil || volume.Status.Robustness != longhornv1beta2.VolumeRobustnessFaulted || volume.Spec.FromBackup != "" {
		return "" // what became of a restore is told better by its condition
	}
	return b.volume.label + " is faulted, no replica of it can be used" + after(conditionMessage(volume, longhornv1beta2.VolumeConditionTypeScheduled))
}

// conditionMessage is what a condition says that is not as it should be.
func conditionMessage(volume *longhornv1beta2.Volume, kind string) string {
	for _, condition := range volume.Status.Conditions {
		if condition.Type == kind && condition.Status == longhornv1beta2.ConditionStatusFalse {
			return strings.TrimSpace(condition.Message)
		}
	}
	return ""
}
