package harness

import (
	"context"
	"errors"
	"fmt"

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
		// The address goes first: an address without the name of its secret would count.
		err := errors.Join(e.pointBack(ctx, before), undo(ctx, undoTarget), undo(ctx, undoSecret), e.forgetDefaultTarget(ctx))
		return errors.Join(err, e.waitPointing(ctx, before))
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
	return e.waitPointing(ctx, to)
}

// waitPointing waits until the default BackupTarget is available at that address with that secret.
func (e *Env) waitPointing(ctx context.Context, to heldTarget) error {
	what := fmt.Sprintf("be available at %s with the secret %q", to.URL, to.Secret)
	return e.waitTarget(ctx, longhorn.DefaultTarget, what, func(target *longhornv1beta2.BackupTarget) bool {
		return target.Status.Available && target.Spec.BackupTargetURL == to.URL && target.Spec.CredentialSecret == to.Secret
	})
}

// undo calls what SetSetting returned, if anything.
func undo(ctx context.Context, setting func(context.Context) error) error {
	if setting == nil {
		return nil
	}
	return setting(ctx)
}
