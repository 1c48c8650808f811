package why

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"
)

func (f *claimFacts) bound() bool {
	return f.object != nil && f.object.Status.Phase == corev1.ClaimBound
}

func (f *claimFacts) deleting() bool { return f.object != nil && f.object.DeletionTimestamp != nil }

func (f *claimFacts) since() time.Time { return f.object.CreationTimestamp.Time }

func (f *claimFacts) names() []string {
	all := []string{string(f.object.UID), f.object.Namespace + "/" + f.object.Name}
	if volume := f.volume.object; volume != nil && volume.Spec.CSI != nil {
		all = append(all, volume.Spec.CSI.VolumeHandle)
	}
	return all
}

func (f *claimFacts) steps() []Step {
	all := append(f.brief(), f.events.steps()...)
	all = append(all, f.class.step(describeStorageClass)...)
	if f.origin != nil {
		all = append(all, f.origin.brief()...)
	}
	if f.snapshot != nil {
		all = append(all, withoutSystem(f.snapshot)...)
	}
	all = append(all, f.volume.step(describePV)...)
	return slices.Concat(all, f.behind.steps(), f.system.steps())
}

// brief is the claim alone.
func (f *claimFacts) brief() []Step { return f.found.step(describeClaim) }

// withoutSystem are the steps of a snapshot without what a claim's own steps end with.
func withoutSystem(f *snapshotFacts) []Step {
	alone := *f
	alone.system = &system{}
	return alone.steps()
}

func describeClaim(c *corev1.PersistentVolumeClaim) string {
	requested := c.Spec.Resources.Requests[corev1.ResourceStorage]
	text := fmt.Sprintf("%s, asks for %s", orNone(string(c.Status.Phase)), requested.String())
	if c.Spec.VolumeName != "" {
		text += ", volume " + c.Spec.VolumeName
	}
	if source := c.Spec.DataSource; source != nil {
		text += fmt.Sprintf(", from %s %s", source.Kind, source.Name)
	}
	return text + deletion(c)
}

func describeStorageClass(c *storagev1.StorageClass) string {
	return fmt.Sprintf("provisioner %s, volumeBindingMode %s", c.Provisioner, ptr.Deref(c.VolumeBindingMode, storagev1.VolumeBindingImmediate))
}

func describePV(v *corev1.PersistentVolume) string {
	capacity := v.Spec.Capacity[corev1.ResourceStorage]
	text := fmt.Sprintf("%s, %s", orNone(string(v.Status.Phase)), capacity.String())
	if v.Spec.CSI != nil {
		text += fmt.Sprintf(", driver %s, handle %s", v.Spec.CSI.Driver, v.Spec.CSI.VolumeHandle)
	}
	return text + after(v.Status.Message) + deletion(v)
}
