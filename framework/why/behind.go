package why

import (
	"cmp"
	"context"
	"slices"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// behind is what Longhorn itself has of a snapshot or volume.
type behind struct {
	// kind is longhorn.TypeSnapshot, TypeBackup or TypeBackingImage, "" for a volume or when it is not known.
	kind string
	// volume is the volume, or the source of the snapshot.
	volume found[longhornv1beta2.Volume]
	cut    found[longhornv1beta2.Snapshot]
	backup found[longhornv1beta2.Backup]
	target found[longhornv1beta2.BackupTarget]
	image  found[longhornv1beta2.BackingImage]
}

// imagePrefix is how much of a long CSI name Longhorn keeps in a backing image's: 40 characters, a dash and a hash included.
const imagePrefix = 31

// behindHandle finds what a handle names.
func (l *looker) behindHandle(ctx context.Context, text string) behind {
	handle, ok := longhorn.ReadHandle(text)
	if !ok {
		return behind{}
	}
	b := behind{kind: handle.Type, volume: l.volume(ctx, handle.Volume)}
	switch handle.Type {
	case longhorn.TypeSnapshot:
		b.cut = l.cut(ctx, handle.Name)
	case longhorn.TypeBackup:
		l.backup(ctx, &b, handle.Name)
	case longhorn.TypeBackingImage:
		l.image(ctx, &b, handle.Name)
	}
	return b
}

// behindName finds what a driver has made so far of a snapshot that has no handle yet, by the name that the sidecar gave it.
func (l *looker) behindName(ctx context.Context, kind, volume, name string) behind {
	b := behind{kind: kind, volume: l.volume(ctx, volume)}
	if kind == longhorn.TypeBackingImage {
		var images longhornv1beta2.BackingImageList
		l.list(ctx, "Longhorn BackingImages", &images, client.InNamespace(longhorn.Namespace))
		for i := range images.Items {
			if made := images.Items[i].Name; made == name || len(name) > imagePrefix && strings.HasPrefix(made, name[:imagePrefix]) {
				l.image(ctx, &b, made)
			}
		}
		return b
	}
	if cut := l.cut(ctx, name); cut.object != nil { // that it is not there yet is nothing to tell
		b.cut = cut
	}
	if kind == longhorn.TypeBackup {
		l.backup(ctx, &b, l.backupOf(ctx, name))
	}
	return b
}

// backupOf is the name of the newest backup of a snapshot, "" without.
func (l *looker) backupOf(ctx context.Context, snapshot string) string {
	var list longhornv1beta2.BackupList
	l.list(ctx, "Longhorn Backups", &list, client.InNamespace(longhorn.Namespace))
	own := slices.DeleteFunc(list.Items, func(b longhornv1beta2.Backup) bool {
		return b.Spec.SnapshotName != snapshot && b.Status.SnapshotName != snapshot
	})
	if len(own) == 0 {
		return ""
	}
	return slices.MaxFunc(own, func(a, b longhornv1beta2.Backup) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) }).Name
}

// backup adds a backup, its snapshot and its target; the name may be empty.
func (l *looker) backup(ctx context.Context, b *behind, name string) {
	b.backup = find[longhornv1beta2.Backup](ctx, l, LonghornBackup.Name, longhorn.Namespace, name)
	target := ""
	if b.volume.object != nil {
		target = b.volume.object.Spec.BackupTargetName
	}
	if backup := b.backup.object; backup != nil {
		target = cmp.Or(backup.Status.BackupTargetName, target)
		if b.cut.label == "" {
			b.cut = l.cut(ctx, backup.Spec.SnapshotName)
		}
	}
	b.target = find[longhornv1beta2.BackupTarget](ctx, l, LonghornTarget.Name, longhorn.Namespace, cmp.Or(target, longhorn.DefaultTarget))
}

// image adds a backing image and the volume that it is exported from.
func (l *looker) image(ctx context.Context, b *behind, name string) {
	b.image = find[longhornv1beta2.BackingImage](ctx, l, LonghornImage.Name, longhorn.Namespace, name)
	if image := b.image.object; image != nil && b.volume.label == "" {
		b.volume = l.volume(ctx, image.Spec.SourceParameters["volume-name"])
	}
}

func (l *looker) volume(ctx context.Context, name string) found[longhornv1beta2.Volume] {
	return find[longhornv1beta2.Volume](ctx, l, LonghornVolume.Name, longhorn.Namespace, name)
}

func (l *looker) cut(ctx context.Context, name string) found[longhornv1beta2.Snapshot] {
	return find[longhornv1beta2.Snapshot](ctx, l, LonghornCut.Name, longhorn.Namespace, name)
}
