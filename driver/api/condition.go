package api

import (
	"strconv"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

const (
	// ConditionProvisioned says in its message how many bytes the volume's file has; status has no field for it.
	ConditionProvisioned = "Provisioned"
	// ConditionRestore is False while data are being copied into the volume or when that failed.
	ConditionRestore = longhorn.VolumeConditionTypeRestore
	// ReasonRestoreFailure is the reason of ConditionRestore after a failed clone.
	ReasonRestoreFailure = "RestoreFailure"
)

// SetCondition adds or replaces the condition of that type and keeps its
// transition time while the status does not change.
func SetCondition(conditions []longhorn.Condition, next longhorn.Condition) []longhorn.Condition {
	for i, old := range conditions {
		if old.Type != next.Type {
			continue
		}
		next.LastTransitionTime = old.LastTransitionTime
		if old.Status != next.Status {
			next.LastTransitionTime = now()
		}
		conditions[i] = next
		return conditions
	}
	next.LastTransitionTime = now()
	return append(conditions, next)
}

// Condition returns the condition of that type and whether there is one.
func Condition(conditions []longhorn.Condition, kind string) (longhorn.Condition, bool) {
	for _, condition := range conditions {
		if condition.Type == kind {
			return condition, true
		}
	}
	return longhorn.Condition{}, false
}

// ProvisionedBytes returns the size in bytes that the node last reported for
// the volume's file, 0 when it has reported none.
func ProvisionedBytes(volume *longhorn.Volume) int64 {
	condition, found := Condition(volume.Status.Conditions, ConditionProvisioned)
	if !found {
		return 0
	}
	size, err := strconv.ParseInt(condition.Message, 10, 64)
	if err != nil {
		return 0
	}
	return size
}

// SetProvisionedBytes records the size in bytes of the volume's file.
func SetProvisionedBytes(volume *longhorn.Volume, size int64) {
	volume.Status.Conditions = SetCondition(volume.Status.Conditions, longhorn.Condition{
		Type: ConditionProvisioned, Status: longhorn.ConditionStatusTrue, Message: strconv.FormatInt(size, 10),
	})
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }
