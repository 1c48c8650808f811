package why

import (
	"fmt"
	"slices"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	"k8s.io/utils/ptr"
)

// isReady reports whether Kubernetes holds the snapshot for ready.
func (f *snapshotFacts) isReady() bool {
	if f.object != nil {
		status := f.object.Status
		return status != nil && ptr.Deref(status.ReadyToUse, false) && status.BoundVolumeSnapshotContentName != nil
	}
	content := f.content.object
	return content != nil && content.Status != nil && ptr.Deref(content.Status.ReadyToUse, false)
}

func (f *snapshotFacts) deleting() bool {
	if f.object != nil {
		return f.object.DeletionTimestamp != nil
	}
	return f.content.object != nil && f.content.object.DeletionTimestamp != nil
}

func (f *snapshotFacts) since() time.Time {
	if f.object != nil {
		return f.object.CreationTimestamp.Time
	}
	if f.content.object != nil {
		return f.content.object.CreationTimestamp.Time
	}
	return time.Time{}
}

func (f *snapshotFacts) names() []string {
	all := f.behind.names()
	if f.object != nil {
		all = append(all, string(f.object.UID), f.object.Namespace+"/"+f.object.Name)
	}
	if content := f.content.object; content != nil {
		all = append(all, content.Name, string(content.Spec.VolumeSnapshotRef.UID))
	}
	return append(all, f.handle())
}

func (f *snapshotFacts) steps() []Step {
	all := f.found.step(describeSnapshot)
	all = append(all, f.events.steps()...)
	all = append(all, f.class.step(describeSnapshotClass)...)
	if f.origin != nil {
		all = append(all, f.origin.brief()...)
	}
	all = append(all, f.content.step(describeContent)...)
	all = append(all, f.contentEvents.steps()...)
	return slices.Concat(all, f.behind.steps(), f.system.steps())
}

func describeSnapshot(s *snapshotv1.VolumeSnapshot) string {
	if s.Status == nil {
		return "no status yet" + deletion(s)
	}
	return fmt.Sprintf("readyToUse %t, error %s%s", ptr.Deref(s.Status.ReadyToUse, false), orNone(message(s.Status.Error)), deletion(s))
}

func describeSnapshotClass(c *snapshotv1.VolumeSnapshotClass) string {
	return fmt.Sprintf("driver %s, type %s, deletionPolicy %s", c.Driver, orNone(c.Parameters["type"]), c.DeletionPolicy)
}

func describeContent(c *snapshotv1.VolumeSnapshotContent) string {
	text := "driver " + c.Spec.Driver
	if c.Spec.Source.SnapshotHandle != nil {
		text += ", pre-provisioned with handle " + *c.Spec.Source.SnapshotHandle
	}
	if c.Status == nil {
		return text + ", no status yet" + deletion(c)
	}
	return fmt.Sprintf("%s, handle %s, readyToUse %t, error %s%s", text, orNone(ptr.Deref(c.Status.SnapshotHandle, "")),
		ptr.Deref(c.Status.ReadyToUse, false), orNone(message(c.Status.Error)), deletion(c))
}

func message(failure *snapshotv1.VolumeSnapshotError) string {
	if failure == nil {
		return ""
	}
	return ptr.Deref(failure.Message, "")
}
