package why

import (
	"fmt"

	"github.com/muster-csi/muster/framework/longhorn"
)

func classMissing(f *snapshotFacts) string {
	if !f.class.absent {
		return ""
	}
	return f.class.label + " does not exist: make it, or make the snapshot anew with another class"
}

func noDefaultClass(f *snapshotFacts) string {
	if f.object == nil || f.class.label != "" || f.object.Spec.Source.PersistentVolumeClaimName == nil || len(f.defaults) > 0 {
		return ""
	}
	return "it names no VolumeSnapshotClass and none is the default: set spec.volumeSnapshotClassName"
}

func classOfAnother(f *snapshotFacts) string {
	if f.class.object == nil || f.origin == nil || f.origin.volume.object == nil || f.origin.volume.object.Spec.CSI == nil {
		return ""
	}
	class, volume := f.class.object.Driver, f.origin.volume.object.Spec.CSI.Driver
	if class == volume {
		return ""
	}
	return fmt.Sprintf("%s is for driver %s, but the volume belongs to driver %s: use a class of that driver", f.class.label, class, volume)
}

func classTypeUnknown(f *snapshotFacts) string {
	if f.class.object == nil || f.class.object.Driver != longhornDriver || f.handle() != "" {
		return ""
	}
	kind, known := longhorn.TypeOf(f.class.object.Parameters)
	if known {
		return ""
	}
	return fmt.Sprintf("%s asks for type %q, and Longhorn knows snap, bak and bi only: make the snapshot anew with another class", f.class.label, kind)
}

func driverUnknown(f *snapshotFacts) string {
	name := ""
	if f.class.object != nil {
		name = f.class.object.Driver
	}
	if f.content.object != nil {
		name = f.content.object.Spec.Driver
	}
	if name == "" || f.system.knowsDriver(name) {
		return ""
	}
	return fmt.Sprintf("no CSI driver %s is installed in this cluster: correct the driver's name in the class or content, or install it", name)
}

func sourceMissing(f *snapshotFacts) string {
	if f.origin == nil || !f.origin.absent {
		return ""
	}
	return f.origin.label + ", of which it is to be taken, does not exist"
}

func sourceNotBound(f *snapshotFacts) string {
	if f.origin == nil || f.origin.object == nil || f.origin.bound() {
		return ""
	}
	return fmt.Sprintf("%s, of which it is to be taken, is not Bound: %s", f.origin.label, f.origin.cause())
}

func sourceOfAnother(f *snapshotFacts) string {
	if f.origin == nil || f.origin.volume.object == nil || f.origin.volume.object.Spec.CSI != nil {
		return ""
	}
	return f.origin.volume.label + " is not a CSI volume, of which no snapshots can be taken"
}

func contentMissing(f *snapshotFacts) string {
	if !f.content.absent {
		return ""
	}
	return f.content.label + " does not exist"
}

func contentOfAnother(f *snapshotFacts) string {
	if f.object == nil || f.content.object == nil {
		return ""
	}
	ref := f.content.object.Spec.VolumeSnapshotRef
	if ref.Namespace == f.object.Namespace && ref.Name == f.object.Name && (ref.UID == "" || ref.UID == f.object.UID) {
		return ""
	}
	return fmt.Sprintf("%s belongs to another VolumeSnapshot, %s/%s (uid %s): correct its volumeSnapshotRef", f.content.label, ref.Namespace, ref.Name, orNone(string(ref.UID)))
}
