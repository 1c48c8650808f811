package reconcile

import (
	"context"
	"fmt"
	"path/filepath"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/image"
)

// restoration returns how an image is made from a backup of it, with the
// credentials of the BackupTarget whose store that is in.
func (r *backingImages) restoration(ctx context.Context, address string) (build, string, error) {
	target, name, err := backup.ImageURL(address)
	if err != nil {
		return nil, "", &image.Refused{Reason: err.Error()}
	}
	var targets longhorn.BackupTargetList
	if err := r.client.List(ctx, &targets, client.InNamespace(r.Namespace)); err != nil {
		return nil, "", fmt.Errorf("list the backup targets: %w", err)
	}
	for i := range targets.Items {
		if targets.Items[i].Spec.BackupTargetURL != target {
			continue
		}
		from, err := r.storeOf(ctx, &targets.Items[i])
		request := backup.Request{
			Operation: backup.RestoreImage, Target: target, Backup: name, Concurrency: r.number(ctx, api.SettingRestoreConcurrency, 2),
		}
		return func(ctx context.Context, b *building) (engine.ImageFacts, error) {
			return b.restore(ctx, request, from)
		}, "", err
	}
	return nil, "", fmt.Errorf("no backup target has the URL %s of the image's backup: make one", target)
}

// restore fetches the image from the store and turns it into a raw file.
func (b *building) restore(ctx context.Context, request backup.Request, from store) (engine.ImageFacts, error) {
	request.File = filepath.Join(b.dir, downloadFile)
	if err := removeFile(request.File); err != nil {
		return engine.ImageFacts{}, err
	}
	if err := touch(request.File); err != nil {
		return engine.ImageFacts{}, err
	}
	if _, err := b.images.Backups.Run(ctx, request, from.credentials, b.within(0, 60)); err != nil {
		return engine.ImageFacts{}, err
	}
	return b.finishFile(ctx, request.File)
}
