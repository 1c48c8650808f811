package why

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// snapshotFacts is what was found about a VolumeSnapshot or its content.
type snapshotFacts struct {
	found[snapshotv1.VolumeSnapshot]
	class   found[snapshotv1.VolumeSnapshotClass]
	content found[snapshotv1.VolumeSnapshotContent]
	// defaults are the classes that count where none is named.
	defaults []string
	// origin is the claim that the snapshot is of, nil without.
	origin *claimFacts
	// restoring are the claims that wait for the snapshot's data and keep it from deletion.
	restoring []string
	behind    behind
	events    events
	// contentEvents are those about the content.
	contentEvents events
	system        *system
}

// snapshot finds what a VolumeSnapshot depends on.
func (l *looker) snapshot(ctx context.Context, self found[snapshotv1.VolumeSnapshot]) *snapshotFacts {
	f := &snapshotFacts{found: self, system: l.systemNow(ctx)}
	if self.object == nil {
		return f
	}
	snapshot := self.object
	f.events = l.eventsAbout(ctx, self.label, snapshot)
	f.class = l.snapshotClass(ctx, ptr.Deref(snapshot.Spec.VolumeSnapshotClassName, ""))
	if f.class.label == "" {
		f.defaults = l.defaultClasses(ctx)
	}
	content := ptr.Deref(snapshot.Spec.Source.VolumeSnapshotContentName, "")
	if snapshot.Status != nil && content == "" {
		content = ptr.Deref(snapshot.Status.BoundVolumeSnapshotContentName, "")
	}
	if content == "" && snapshot.Spec.Source.PersistentVolumeClaimName != nil {
		content = l.unboundContent(ctx, snapshot)
	}
	l.lookAtContent(ctx, f, content)
	if name := ptr.Deref(snapshot.Spec.Source.PersistentVolumeClaimName, ""); name != "" {
		f.origin = l.claim(ctx, find[corev1.PersistentVolumeClaim](ctx, l, Claim.Name, snapshot.Namespace, name))
	}
	l.lookBehind(ctx, f)
	if snapshot.DeletionTimestamp != nil {
		f.restoring = l.claimsFrom(ctx, snapshot)
	}
	return f
}

// contentOnly finds what a VolumeSnapshotContent depends on, its VolumeSnapshot included.
func (l *looker) contentOnly(ctx context.Context, self found[snapshotv1.VolumeSnapshotContent]) *snapshotFacts {
	ref := self.object.Spec.VolumeSnapshotRef
	if snapshot := find[snapshotv1.VolumeSnapshot](ctx, l, VolumeSnapshot.Name, ref.Namespace, ref.Name); snapshot.object != nil {
		f := l.snapshot(ctx, snapshot)
		if f.content.object != nil && f.content.object.Name == self.object.Name {
			return f
		}
	}
	f := &snapshotFacts{system: l.systemNow(ctx), content: self}
	f.contentEvents = l.eventsAbout(ctx, self.label, self.object)
	f.class = l.snapshotClass(ctx, ptr.Deref(self.object.Spec.VolumeSnapshotClassName, ""))
	l.lookBehind(ctx, f)
	return f
}

func (l *looker) lookAtContent(ctx context.Context, f *snapshotFacts, name string) {
	f.content = find[snapshotv1.VolumeSnapshotContent](ctx, l, VolumeSnapshotContent.Name, "", name)
	if f.content.object != nil {
		f.contentEvents = l.eventsAbout(ctx, f.content.label, f.content.object)
	}
}

// unboundContent is the name that the controller gives the content of a snapshot
// which does not say yet that it is bound, "" when there is none of that name.
func (l *looker) unboundContent(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) string {
	name := "snapcontent-" + string(snapshot.UID)
	if find[snapshotv1.VolumeSnapshotContent](ctx, l, VolumeSnapshotContent.Name, "", name).object == nil {
		return ""
	}
	return name
}

// lookBehind finds Longhorn's resources, by the handle or by what the sidecar asked for.
func (l *looker) lookBehind(ctx context.Context, f *snapshotFacts) {
	if handle := f.handle(); handle != "" {
		f.behind = l.behindHandle(ctx, handle)
		return
	}
	kind := f.kind()
	if kind == "" || f.content.object == nil {
		return
	}
	volume := ptr.Deref(f.content.object.Spec.Source.VolumeHandle, "")
	f.behind = l.behindName(ctx, kind, volume, "snapshot-"+string(f.content.object.Spec.VolumeSnapshotRef.UID))
}

// handle is the snapshot's, "" when it has none yet.
func (f *snapshotFacts) handle() string {
	content := f.content.object
	switch {
	case content == nil:
		return ""
	case content.Status != nil && content.Status.SnapshotHandle != nil:
		return *content.Status.SnapshotHandle
	}
	return ptr.Deref(content.Spec.Source.SnapshotHandle, "")
}

// kind is the type of snapshot that the class asks for, "" when that is not known.
func (f *snapshotFacts) kind() string {
	if f.class.object == nil {
		return ""
	}
	kind, _ := longhorn.TypeOf(f.class.object.Parameters)
	return kind
}

func (l *looker) snapshotClass(ctx context.Context, name string) found[snapshotv1.VolumeSnapshotClass] {
	return find[snapshotv1.VolumeSnapshotClass](ctx, l, "VolumeSnapshotClass", "", name)
}

// defaultClasses are the names of the classes that count where none is named.
func (l *looker) defaultClasses(ctx context.Context) []string {
	var list snapshotv1.VolumeSnapshotClassList
	l.list(ctx, "VolumeSnapshotClasses", &list)
	var names []string
	for _, class := range list.Items {
		if class.Annotations["snapshot.storage.kubernetes.io/is-default-class"] == "true" {
			names = append(names, class.Name)
		}
	}
	return names
}

// claimsFrom are the claims that wait for the snapshot's data.
func (l *looker) claimsFrom(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) []string {
	var list corev1.PersistentVolumeClaimList
	l.list(ctx, "claims of namespace "+snapshot.Namespace, &list, client.InNamespace(snapshot.Namespace))
	var names []string
	for _, claim := range list.Items {
		source := claim.Spec.DataSource
		if source != nil && source.Kind == "VolumeSnapshot" && source.Name == snapshot.Name && claim.Status.Phase == corev1.ClaimPending {
			names = append(names, claim.Name)
		}
	}
	return names
}
