package why

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// podFacts is what was found about a pod.
type podFacts struct {
	found[corev1.Pod]
	claims []*claimFacts
	// attachments are those of the claims' volumes.
	attachments []storagev1.VolumeAttachment
	// node says which drivers the pod's node has.
	node   found[storagev1.CSINode]
	events events
	system *system
}

// pod finds what a pod depends on.
func (l *looker) pod(ctx context.Context, self found[corev1.Pod]) *podFacts {
	f := &podFacts{found: self, system: l.systemNow(ctx)}
	f.events = l.eventsAbout(ctx, self.label, self.object)
	volumes := map[string]bool{}
	for _, name := range claimsOf(self.object) {
		claim := l.claim(ctx, find[corev1.PersistentVolumeClaim](ctx, l, Claim.Name, self.object.Namespace, name))
		f.claims = append(f.claims, claim)
		if claim.volume.object != nil {
			volumes[claim.volume.object.Name] = true
		}
	}
	f.node = find[storagev1.CSINode](ctx, l, "CSINode", "", self.object.Spec.NodeName)
	if len(volumes) == 0 {
		return f
	}
	var list storagev1.VolumeAttachmentList
	l.list(ctx, "VolumeAttachments", &list)
	for _, attachment := range list.Items {
		if name := attachment.Spec.Source.PersistentVolumeName; name != nil && volumes[*name] {
			f.attachments = append(f.attachments, attachment)
		}
	}
	return f
}

func (f *podFacts) deleting() bool { return f.object.DeletionTimestamp != nil }

func (f *podFacts) since() time.Time { return f.object.CreationTimestamp.Time }

func (f *podFacts) names() []string {
	all := []string{string(f.object.UID), f.object.Namespace + "/" + f.object.Name}
	for _, claim := range f.claims {
		if claim.object != nil {
			all = append(all, claim.names()...)
		}
	}
	for _, attachment := range f.attachments {
		all = append(all, attachment.Name)
	}
	return all
}

func (f *podFacts) steps() []Step {
	all := f.found.step(describePod)
	all = append(all, f.events.steps()...)
	for _, claim := range f.claims {
		alone := *claim
		alone.system = &system{}
		all = append(all, alone.steps()...)
	}
	for _, attachment := range f.attachments {
		all = append(all, Step{"VolumeAttachment " + attachment.Name, oneLine(describeAttachment(&attachment), saysWidth)})
	}
	return slices.Concat(all, f.system.steps())
}

func describePod(p *corev1.Pod) string {
	text := string(p.Status.Phase)
	if p.Spec.NodeName != "" {
		text += " on node " + p.Spec.NodeName
	}
	for _, condition := range p.Status.Conditions {
		if condition.Type == corev1.PodReady {
			text += fmt.Sprintf(", Ready %s%s", condition.Status, after(condition.Message))
		}
	}
	return text + deletion(p)
}

func describeAttachment(a *storagev1.VolumeAttachment) string {
	text := fmt.Sprintf("to node %s, attached %t", a.Spec.NodeName, a.Status.Attached)
	if failure := a.Status.AttachError; failure != nil {
		text += ": " + failure.Message
	}
	if failure := a.Status.DetachError; failure != nil {
		text += "; detach: " + failure.Message
	}
	return text + deletion(a)
}
