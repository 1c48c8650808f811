package why

import (
	"context"
	"fmt"
	"slices"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

func (l *looker) resourceVolume(ctx context.Context, f *resourceFacts, subject Subject) error {
	self, err := must[longhornv1beta2.Volume](ctx, l, subject)
	f.self, f.rules = self.object, append(slices.Clone(volumeRules), volumeDetaching)
	if err == nil {
		f.behind = l.behindVolume(ctx, self)
	}
	return err
}

func (l *looker) resourceCut(ctx context.Context, f *resourceFacts, subject Subject) error {
	self, err := must[longhornv1beta2.Snapshot](ctx, l, subject)
	f.self, f.rules = self.object, []func(behind) string{cutFailed, volumeFaulted, cutWaits}
	if err == nil {
		f.behind = behind{cut: self, volume: l.volume(ctx, self.object.Spec.Volume)}
	}
	return err
}

func (l *looker) resourceBackup(ctx context.Context, f *resourceFacts, subject Subject) error {
	self, err := must[longhornv1beta2.Backup](ctx, l, subject)
	f.self = self.object
	f.rules = []func(behind) string{backupFailed, targetMissing, targetUnavailable, cutFailed, volumeFaulted, backupRuns, backupWaits}
	if err == nil {
		f.behind = behind{kind: "bak", volume: l.volume(ctx, self.object.Status.VolumeName)}
		l.backup(ctx, &f.behind, subject.Name)
	}
	return err
}

func (l *looker) resourceImage(ctx context.Context, f *resourceFacts, subject Subject) error {
	self, err := must[longhornv1beta2.BackingImage](ctx, l, subject)
	f.self, f.rules = self.object, []func(behind) string{imageFailed, volumeFaulted, imageRuns}
	if err == nil {
		f.behind.kind = "bi"
		l.image(ctx, &f.behind, subject.Name)
	}
	return err
}

func (l *looker) resourceTarget(ctx context.Context, f *resourceFacts, subject Subject) error {
	self, err := must[longhornv1beta2.BackupTarget](ctx, l, subject)
	f.self, f.rules = self.object, []func(behind) string{targetUnavailable}
	if err == nil {
		f.behind = behind{kind: "bak", target: self}
	}
	return err
}

// volumeDetaching is about a volume between two states.
func volumeDetaching(b behind) string {
	if volume := b.volume.object; volume != nil {
		switch volume.Status.State {
		case longhornv1beta2.VolumeStateAttached, longhornv1beta2.VolumeStateDetached:
		default:
			return fmt.Sprintf("%s is %s", b.volume.label, orNone(string(volume.Status.State)))
		}
	}
	return ""
}
