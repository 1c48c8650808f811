package harness

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/muster-csi/muster/framework/longhorn"
)

// severalTargets is the first Longhorn that knows more than one backup target (clause B-28).
const severalTargets = "1.8"

// The settings that say where backups go before that.
const (
	settingTarget       = "backup-target"
	settingTargetSecret = "backup-target-credential-secret"
)

// pointSettings makes the settings name the target, which is then the one of the whole cluster, until everything
// that the spec makes is gone.
func (e *Env) pointSettings(ctx context.Context, target *Target) error {
	object := longhorn.TargetNamed(longhorn.DefaultTarget)
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return fmt.Errorf("read the default BackupTarget: %w", err)
	}
	target.Name, target.Class = longhorn.DefaultTarget, ClassExt4
	// Unset first: else the old address, which is available, would be taken for the new one.
	undoTarget, err := longhorn.SetSetting(ctx, e.Client, settingTarget, "")
	undoSecret, secretErr := longhorn.SetSetting(ctx, e.Client, settingTargetSecret, target.Secret)
	e.OnRemoved(func(ctx context.Context) error {
		err := errors.Join(e.pointBack(ctx, object.Spec), undo(ctx, undoSecret), undo(ctx, undoTarget))
		return errors.Join(err, e.WaitAvailable(ctx, longhorn.DefaultTarget))
	})
	if err := errors.Join(err, secretErr, e.WaitNotAvailable(ctx, target.Name)); err != nil {
		return err
	}
	return e.SetTargetURL(ctx, target, target.URL)
}

// pointBack names the target of before in the settings and waits until it counts again. The settings may go only
// then: without them nothing would say that the spec's target is over.
func (e *Env) pointBack(ctx context.Context, to longhornv1beta2.BackupTargetSpec) error {
	_, err := longhorn.SetSetting(ctx, e.Client, settingTargetSecret, to.CredentialSecret)
	if err == nil {
		_, err = longhorn.SetSetting(ctx, e.Client, settingTarget, to.BackupTargetURL)
	}
	if err != nil {
		return err
	}
	return e.waitTarget(ctx, longhorn.DefaultTarget, "be available at "+to.BackupTargetURL, func(target *longhornv1beta2.BackupTarget) bool {
		return target.Status.Available && target.Spec.BackupTargetURL == to.BackupTargetURL
	})
}

// undo calls what SetSetting returned, if anything.
func undo(ctx context.Context, setting func(context.Context) error) error {
	if setting == nil {
		return nil
	}
	return setting(ctx)
}
