package why

import (
	"fmt"
	"slices"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
)

// attachedElsewhere is about a volume that only one node can have at a time.
func attachedElsewhere(f *podFacts) string {
	if f.object.Spec.NodeName == "" {
		return ""
	}
	event := f.events.last("FailedAttachVolume")
	if event == nil || !strings.Contains(event.Message, "Multi-Attach") {
		return ""
	}
	for _, attachment := range f.attachments {
		if attachment.Spec.NodeName != f.object.Spec.NodeName && attachment.Status.Attached {
			return fmt.Sprintf("its volume is still attached to node %s: %s", attachment.Spec.NodeName, event.Message)
		}
	}
	return event.Message
}

func attacherStopped(f *podFacts) string {
	waits := func(a storagev1.VolumeAttachment) bool {
		return !a.Status.Attached && a.Spec.Attacher == longhornDriver && a.Spec.NodeName == f.object.Spec.NodeName
	}
	if !slices.ContainsFunc(f.attachments, waits) {
		return ""
	}
	return f.system.stopped(attacher)
}

func attachRefused(f *podFacts) string {
	for _, attachment := range f.attachments {
		failure := attachment.Status.AttachError
		if failure == nil || attachment.Status.Attached || attachment.Spec.NodeName != f.object.Spec.NodeName {
			continue
		}
		return fmt.Sprintf("its volume %s cannot be attached: %s", *attachment.Spec.Source.PersistentVolumeName, said("csi-attacher", failure.Message))
	}
	if event := f.events.last("FailedAttachVolume"); event != nil && !f.attached() && f.object.Spec.NodeName != "" {
		return "a volume cannot be attached: " + said("the attach controller", event.Message)
	}
	return ""
}

// attached reports whether the pod's node has all its volumes.
func (f *podFacts) attached() bool {
	for _, claim := range f.claims {
		if claim.volume.object == nil {
			continue
		}
		has := func(a storagev1.VolumeAttachment) bool {
			return *a.Spec.Source.PersistentVolumeName == claim.volume.object.Name && a.Spec.NodeName == f.object.Spec.NodeName && a.Status.Attached
		}
		if !slices.ContainsFunc(f.attachments, has) {
			return false
		}
	}
	return true
}

func driverNotOnNode(f *podFacts) string {
	if f.node.object == nil {
		return ""
	}
	for _, claim := range f.claims {
		if claim.volume.object == nil || claim.volume.object.Spec.CSI == nil {
			continue
		}
		driver := claim.volume.object.Spec.CSI.Driver
		has := func(d storagev1.CSINodeDriver) bool { return d.Name == driver }
		if !slices.ContainsFunc(f.node.object.Spec.Drivers, has) {
			return fmt.Sprintf("driver %s is not registered on node %s: look at the driver's pod there%s",
				driver, f.node.object.Name, after(f.system.driverStopped()))
		}
	}
	return ""
}

func podDriverStopped(f *podFacts) string {
	for _, claim := range f.claims {
		if volume := claim.volume.object; volume != nil && volume.Spec.CSI != nil && volume.Spec.CSI.Driver == longhornDriver && !f.started() {
			return f.system.driverStopped()
		}
	}
	return ""
}

func mountFailed(f *podFacts) string {
	event := f.events.last("FailedMount", "FailedMapVolume")
	if event == nil || f.started() {
		return ""
	}
	return "a volume cannot be mounted: " + said("the kubelet", event.Message)
}
