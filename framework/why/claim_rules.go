package why

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"
)

// pendingRules are about a claim that is not Bound.
func pendingRules() []func(*claimFacts) string {
	return []func(*claimFacts) string{
		claimLost, storageClassMissing, noDefaultStorageClass, provisionerUnknown,
		snapshotMissing, snapshotNotReady, snapshotLost, sourceClaimMissing, sourceClaimNotBound, claimOfAnother, tooSmall, otherSize,
		provisionerStopped, claimDriverStopped, waitsForConsumer, provisioningFailed,
		func(f *claimFacts) string { return first(f.behind, volumeRules) },
		claimAiling, claimUnknown,
	}
}

func (f *claimFacts) cause() string {
	switch {
	case f.object == nil:
		return "it does not exist"
	case f.deleting():
		return first(f, claimHeld)
	case f.bound():
		return first(f, boundRules)
	}
	return first(f, pendingRules())
}

func claimLost(f *claimFacts) string {
	if f.object.Status.Phase != corev1.ClaimLost {
		return ""
	}
	return fmt.Sprintf("its PersistentVolume %s does not exist any more", f.object.Spec.VolumeName)
}

func storageClassMissing(f *claimFacts) string {
	if !f.class.absent {
		return ""
	}
	return f.class.label + " does not exist: make it, or make the claim anew with another class"
}

func noDefaultStorageClass(f *claimFacts) string {
	if f.object.Spec.StorageClassName != nil || f.defaultClass {
		return ""
	}
	return "it names no StorageClass and none is the default: set spec.storageClassName"
}

func provisionerUnknown(f *claimFacts) string {
	if f.class.object == nil || strings.HasPrefix(f.class.object.Provisioner, "kubernetes.io/") || f.system.knowsDriver(f.class.object.Provisioner) {
		return ""
	}
	if f.events.last("ProvisioningFailed") != nil {
		return "" // a provisioner that is no CSI driver answers
	}
	return fmt.Sprintf("nothing in this cluster provides volumes for %s: there is no CSI driver %s; correct the provisioner's name, or install it",
		f.class.label, f.class.object.Provisioner)
}

// fromLonghorn reports whether the claim's volume is to be Longhorn's.
func (f *claimFacts) fromLonghorn() bool {
	return f.class.object != nil && f.class.object.Provisioner == longhornDriver
}

func provisionerStopped(f *claimFacts) string {
	if !f.fromLonghorn() {
		return "" // others may run it elsewhere
	}
	if cause := f.system.stopped(provisioner); cause != "" {
		return cause
	}
	if len(f.events.list) == 0 && f.system.nowhere(provisioner) {
		return "no csi-provisioner runs in this cluster: it belongs to the driver"
	}
	return ""
}

func claimDriverStopped(f *claimFacts) string {
	if !f.fromLonghorn() {
		return ""
	}
	return f.system.driverStopped()
}

func waitsForConsumer(f *claimFacts) string {
	if f.class.object == nil || ptr.Deref(f.class.object.VolumeBindingMode, "") != storagev1.VolumeBindingWaitForFirstConsumer || len(f.users) > 0 {
		return ""
	}
	return f.class.label + " waits for the first pod that uses the claim, and there is none"
}

func provisioningFailed(f *claimFacts) string {
	if event := f.events.last("ProvisioningFailed"); event != nil {
		return said("csi-provisioner", event.Message)
	}
	if event := f.events.last(); event != nil {
		return said("an event", event.Message)
	}
	return ""
}

func claimAiling(f *claimFacts) string {
	if !f.fromLonghorn() {
		return ""
	}
	return f.system.ailing()
}

func claimUnknown(f *claimFacts) string {
	if f.class.object == nil && f.object.Spec.VolumeName == "" && ptr.Deref(f.object.Spec.StorageClassName, "") == "" {
		return "no PersistentVolume fits it and it names no StorageClass that could make one"
	}
	if event := f.events.last("Provisioning", "ExternalProvisioning"); event != nil {
		return "the driver has not answered yet and nothing says why: look at the logs below"
	}
	return "nothing has happened to it yet and nothing says why: look at its StorageClass and at the logs below"
}
