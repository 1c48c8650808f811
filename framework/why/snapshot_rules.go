package why

import (
	"fmt"
	"strings"

	"k8s.io/utils/ptr"
)

// snapshotRules are about a snapshot that is not ready: first what a person has to
// correct, then what does not run, then what Longhorn and the driver say.
func snapshotRules() []func(*snapshotFacts) string {
	return []func(*snapshotFacts) string{
		classMissing, noDefaultClass, sourceMissing, classOfAnother, classTypeUnknown, driverUnknown, sourceNotBound, sourceOfAnother,
		contentMissing, contentOfAnother, controllerStopped, snapshotterStopped, snapshotDriverStopped,
		func(f *snapshotFacts) string { return first(f.behind, failing) },
		func(f *snapshotFacts) string { return first(f.behind, underway[:1]) },
		targetIsBack, snapshotRefused,
		func(f *snapshotFacts) string { return first(f.behind, underway) },
		snapshotAiling, snapshotUnknown,
	}
}

func (f *snapshotFacts) cause() string {
	switch {
	case f.deleting():
		return first(f, snapshotHeld)
	case f.isReady():
		if cause := first(f.behind, lost); cause != "" {
			return "Kubernetes holds it for ready, but " + cause
		}
		return ""
	}
	return first(f, snapshotRules())
}

// controllerStopped needs the symptom too: some clusters run the controller where no pod is seen.
func controllerStopped(f *snapshotFacts) string {
	if f.content.object != nil && f.object != nil && f.object.Status != nil {
		return ""
	}
	if cause := f.system.stopped(snapshotController); cause != "" {
		return cause
	}
	if f.object != nil && f.object.Status == nil && len(f.events.list) == 0 && f.system.nowhere(snapshotController) {
		return "no snapshot-controller runs in this cluster: install it, Longhorn does not bring it"
	}
	return ""
}

func snapshotterStopped(f *snapshotFacts) string {
	if f.content.object == nil {
		return ""
	}
	if cause := f.system.stopped(snapshotter); cause != "" {
		return cause
	}
	if f.content.object.Status == nil && f.system.nowhere(snapshotter) {
		return "no csi-snapshotter runs in this cluster: it belongs to the driver"
	}
	return ""
}

func snapshotDriverStopped(f *snapshotFacts) string {
	if f.content.object == nil || f.content.object.Spec.Driver != longhornDriver {
		return ""
	}
	return f.system.driverStopped()
}

// targetIsBack is about the last answer of the driver, which a sidecar shows until it has asked again.
func targetIsBack(f *snapshotFacts) string {
	target := f.behind.target.object
	if target == nil || !target.Status.Available || f.behind.backup.label != "" || f.content.object == nil || f.content.object.Status == nil {
		return ""
	}
	if text := message(f.content.object.Status.Error); !strings.Contains(text, "backup target") || !strings.Contains(text, "not available") {
		return ""
	}
	return f.behind.target.label + " was not available when the driver was asked last, and is now: csi-snapshotter asks again, at the latest after 5 minutes"
}

func snapshotRefused(f *snapshotFacts) string {
	if f.content.object != nil && f.content.object.Status != nil {
		if text := message(f.content.object.Status.Error); text != "" {
			return said("csi-snapshotter", text)
		}
	}
	return snapshotError(f)
}

func snapshotError(f *snapshotFacts) string {
	if f.object != nil && f.object.Status != nil {
		if text := message(f.object.Status.Error); text != "" {
			return said("snapshot-controller", text)
		}
	}
	for _, about := range []events{f.contentEvents, f.events} {
		if event := about.last(); event != nil && event.Reason != "SnapshotDeleteError" {
			return said("an event", event.Message)
		}
	}
	return ""
}

func snapshotAiling(f *snapshotFacts) string { return f.system.ailing() }

func snapshotUnknown(f *snapshotFacts) string {
	switch {
	case f.content.object == nil:
		return "it has no VolumeSnapshotContent yet and nothing says why: look at the log of the snapshot-controller"
	case f.handle() == "":
		return fmt.Sprintf("the driver has not answered for %s yet and nothing says why: look at the logs below", f.content.label)
	case f.content.object.Status == nil || !ptr.Deref(f.content.object.Status.ReadyToUse, false):
		return fmt.Sprintf("the driver says of %s that it is not ready and nothing says why", f.handle())
	}
	return f.content.label + " is ready, and the snapshot-controller has not taken that over"
}
