package why

import (
	"context"
	"slices"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// claimFacts is what was found about a claim.
type claimFacts struct {
	found[corev1.PersistentVolumeClaim]
	class found[storagev1.StorageClass]
	// defaultClass says that some StorageClass is the default, where the claim names none.
	defaultClass bool
	// snapshot and origin are what the claim is to be made from, nil without.
	snapshot *snapshotFacts
	origin   *claimFacts
	volume   found[corev1.PersistentVolume]
	behind   behind
	// users are the pods that use the claim.
	users  []string
	events events
	system *system
}

// claim finds what a claim depends on. A claim on its own way is not looked at again.
func (l *looker) claim(ctx context.Context, self found[corev1.PersistentVolumeClaim]) *claimFacts {
	f := &claimFacts{found: self, system: l.systemNow(ctx)}
	if self.object == nil || l.visited[self.label] {
		return f
	}
	l.visited[self.label] = true
	claim := self.object
	f.events = l.eventsAbout(ctx, self.label, claim)
	f.class = find[storagev1.StorageClass](ctx, l, "StorageClass", "", ptr.Deref(claim.Spec.StorageClassName, ""))
	if claim.Spec.StorageClassName == nil {
		f.defaultClass = l.hasDefaultClass(ctx)
	}
	l.lookAtSource(ctx, f)
	f.volume = find[corev1.PersistentVolume](ctx, l, "PersistentVolume", "", claim.Spec.VolumeName)
	l.lookAtVolume(ctx, f)
	f.users = l.usersOf(ctx, claim)
	return f
}

// lookAtSource finds what the claim is to be made from, as long as it is not.
func (l *looker) lookAtSource(ctx context.Context, f *claimFacts) {
	source := f.object.Spec.DataSource
	if source == nil || f.bound() {
		return
	}
	switch source.Kind {
	case "VolumeSnapshot":
		f.snapshot = l.snapshot(ctx, find[snapshotv1.VolumeSnapshot](ctx, l, VolumeSnapshot.Name, f.object.Namespace, source.Name))
	case "PersistentVolumeClaim":
		f.origin = l.claim(ctx, find[corev1.PersistentVolumeClaim](ctx, l, Claim.Name, f.object.Namespace, source.Name))
	}
}

// lookAtVolume finds Longhorn's volume and the backing image that it begins with. Before the claim is Bound the volume
// has the name that the provisioner asks for.
func (l *looker) lookAtVolume(ctx context.Context, f *claimFacts) {
	name := "pvc-" + string(f.object.UID)
	if volume := f.volume.object; volume != nil {
		if volume.Spec.CSI == nil || volume.Spec.CSI.Driver != longhornDriver {
			return
		}
		name = volume.Spec.CSI.VolumeHandle
	}
	if volume := l.volume(ctx, name); volume.object != nil || f.bound() {
		f.behind = l.behindVolume(ctx, volume)
	}
}

// behindVolume adds the backing image that a volume begins with.
func (l *looker) behindVolume(ctx context.Context, volume found[longhornv1beta2.Volume]) behind {
	b := behind{volume: volume}
	if volume.object != nil {
		b.image = find[longhornv1beta2.BackingImage](ctx, l, LonghornImage.Name, longhorn.Namespace, volume.object.Spec.BackingImage)
	}
	return b
}

func (l *looker) hasDefaultClass(ctx context.Context) bool {
	var list storagev1.StorageClassList
	return !l.list(ctx, "StorageClasses", &list) || slices.ContainsFunc(list.Items, func(class storagev1.StorageClass) bool {
		return class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true"
	})
}

// usersOf are the pods that use the claim.
func (l *looker) usersOf(ctx context.Context, claim *corev1.PersistentVolumeClaim) []string {
	var list corev1.PodList
	l.list(ctx, "pods of namespace "+claim.Namespace, &list, client.InNamespace(claim.Namespace))
	var names []string
	for _, pod := range list.Items {
		if slices.Contains(claimsOf(&pod), claim.Name) {
			names = append(names, pod.Name)
		}
	}
	return names
}

// claimsOf are the names of the claims that a pod uses, generic ephemeral volumes included.
func claimsOf(pod *corev1.Pod) []string {
	var names []string
	for _, volume := range pod.Spec.Volumes {
		switch {
		case volume.PersistentVolumeClaim != nil:
			names = append(names, volume.PersistentVolumeClaim.ClaimName)
		case volume.Ephemeral != nil:
			names = append(names, strings.Join([]string{pod.Name, volume.Name}, "-"))
		}
	}
	return names
}
