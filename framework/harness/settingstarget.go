package harness

import (
	"context"
	"errors"

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
	if err := mayChange("the default BackupTarget"); err != nil {
		return err
	}
	before, err := e.noteDefaultTarget(ctx)
	if err != nil {
		return err
	}
	target.Name, target.Class = longhorn.DefaultTarget, ClassExt4
	// Unset first: else the old address, which is available, would be taken for the new one.
	undoTarget, err := longhorn.SetSetting(ctx, e.Client, e.Config.Run, settingTarget, "")
	undoSecret, secretErr := longhorn.SetSetting(ctx, e.Client, e.Config.Run, settingTargetSecret, target.Secret)
	e.OnRemoved(func(ctx context.Context) error {
		err := errors.Join(e.pointBack(ctx, before), undo(ctx, undoSecret), undo(ctx, undoTarget), e.forgetDefaultTarget(ctx))
		return errors.Join(err, e.WaitAvailable(ctx, longhorn.DefaultTarget))
	})
	if err := errors.Join(err, secretErr, e.WaitNotAvailable(ctx, target.Name)); err != nil {
		return err
	}
	return e.SetTargetURL(ctx, target, target.URL)
}

// pointBack names the target of before in the settings and waits until it counts again. The settings may go only
// then: without them nothing would say that the spec's target is over.
func (e *Env) pointBack(ctx context.Context, to heldTarget) error {
	_, err := longhorn.SetSetting(ctx, e.Client, e.Config.Run, settingTargetSecret, to.Secret)
	if err == nil {
		_, err = longhorn.SetSetting(ctx, e.Client, e.Config.Run, settingTarget, to.URL)
	}
	if err != nil {
		return err
	}
	return e.waitTarget(ctx, longhorn.DefaultTarget, "be available at "+to.URL, func(target *longhornv1beta2.BackupTarget) bool {
		return target.Status.Available && target.Spec.BackupTargetURL == to.URL
	})
}

// undo calls what SetSetting returned, if anything.
func undo(ctx context.Context, setting func(context.Context) error) error {
	if setting == nil {
		return nil
	}
	return setting(ctx)
}
