package why

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/longhorn"
)

func snapshotMissing(f *claimFacts) string {
	if f.snapshot == nil || !f.snapshot.absent {
		return ""
	}
	return f.snapshot.label + ", from which it is to be made, does not exist in its namespace"
}

func snapshotNotReady(f *claimFacts) string {
	switch {
	case f.snapshot == nil || f.snapshot.object == nil:
		return ""
	case f.snapshot.deleting():
		return f.snapshot.label + ", from which it is to be made, is being deleted"
	case f.snapshot.isReady():
		return ""
	}
	return fmt.Sprintf("%s, from which it is to be made, is not ready because %s", f.snapshot.label, f.snapshot.cause())
}

// snapshotLost is about data that are gone although the snapshot says that it is ready.
func snapshotLost(f *claimFacts) string {
	if f.snapshot == nil || f.snapshot.object == nil {
		return ""
	}
	handle := f.snapshot.handle()
	if _, ok := longhorn.ReadHandle(handle); handle != "" && !ok && f.fromLonghorn() {
		return fmt.Sprintf("%s has the handle %q, which names nothing that Longhorn has: correct it in the content", f.snapshot.label, handle)
	}
	if f.snapshot.behind.kind == longhorn.TypeBackingImage && f.snapshot.behind.image.absent {
		return "" // the driver makes it when it is asked for
	}
	if cause := first(f.snapshot.behind, lost); cause != "" {
		return fmt.Sprintf("%s says that it is ready, but %s", f.snapshot.label, cause)
	}
	if f.snapshot.behind.backup.object != nil {
		return unfinishedBackup(f.snapshot)
	}
	return ""
}

// unfinishedBackup is about a handle that somebody copied too early (clause R-35).
func unfinishedBackup(f *snapshotFacts) string {
	if cause := first(f.behind, []func(behind) string{backupFailed, backupRuns, backupWaits}); cause != "" {
		return fmt.Sprintf("%s says that it is ready, but %s", f.label, cause)
	}
	return ""
}

func sourceClaimMissing(f *claimFacts) string {
	if f.origin == nil || !f.origin.absent {
		return ""
	}
	return f.origin.label + ", of which it is to be a clone, does not exist in its namespace"
}

func sourceClaimNotBound(f *claimFacts) string {
	if f.origin == nil || f.origin.object == nil || f.origin.bound() {
		return ""
	}
	return fmt.Sprintf("%s, of which it is to be a clone, is not Bound: %s", f.origin.label, f.origin.cause())
}

// claimOfAnother is about a source that belongs to another driver.
func claimOfAnother(f *claimFacts) string {
	if f.class.object == nil {
		return ""
	}
	owner, of := "", ""
	switch {
	case f.snapshot != nil && f.snapshot.content.object != nil:
		owner, of = f.snapshot.content.object.Spec.Driver, f.snapshot.label
	case f.origin != nil && f.origin.volume.object != nil && f.origin.volume.object.Spec.CSI != nil:
		owner, of = f.origin.volume.object.Spec.CSI.Driver, f.origin.label
	}
	if owner == "" || owner == f.class.object.Provisioner {
		return ""
	}
	return fmt.Sprintf("%s belongs to driver %s, but %s is for %s: use a class of that driver", of, owner, f.class.label, f.class.object.Provisioner)
}

// tooSmall is what the provisioner itself refuses.
func tooSmall(f *claimFacts) string {
	if f.snapshot == nil || f.snapshot.object == nil || f.snapshot.object.Status == nil || f.snapshot.object.Status.RestoreSize == nil {
		return ""
	}
	restore, requested := f.snapshot.object.Status.RestoreSize, f.object.Spec.Resources.Requests[corev1.ResourceStorage]
	if requested.Cmp(*restore) >= 0 {
		return ""
	}
	return fmt.Sprintf("it asks for %s, but the snapshot needs %s: make the claim anew with that size", requested.String(), restore.String())
}

// otherSize is about copies inside Longhorn, which must be as large as their source (clauses ).
func otherSize(f *claimFacts) string {
	var source behind
	switch {
	case f.snapshot != nil && f.snapshot.behind.kind == longhorn.TypeSnapshot:
		source = f.snapshot.behind
	case f.origin != nil:
		source = f.origin.behind
	}
	requested := f.object.Spec.Resources.Requests[corev1.ResourceStorage]
	const unit = 2 << 20 // Longhorn rounds up to it (clause V-04)
	if source.volume.object == nil || (requested.Value()+unit-1)/unit*unit == source.volume.object.Spec.Size {
		return ""
	}
	want := size(source.volume.object.Spec.Size)
	return fmt.Sprintf("it asks for %s, but its source %s has %s, and Longhorn copies only into a volume of the same size: make the claim anew with %s",
		requested.String(), source.volume.label, want, want)
}
