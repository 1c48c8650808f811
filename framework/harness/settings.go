package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"github.com/onsi/ginkgo/v2"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/runid"
)

// What specs change for the whole cluster. Whatever they change has a note of what was there before, so that
// muster clean can put it back when the run was killed.

// SettingsLabel is that of specs which change something for the whole cluster.
const SettingsLabel = "settings"

// keepSettings skips a spec that changes a setting when the run must not.
func (c *Cluster) keepSettings() {
	ginkgo.GinkgoHelper()
	if c.Config.KeepSettings && changesSettings() {
		ginkgo.Skip("changes a setting of the whole cluster, and the run was started with --keep-settings")
	}
}

func changesSettings() bool {
	return slices.Contains(ginkgo.CurrentSpecReport().Labels(), SettingsLabel)
}

// mayChange refuses a spec that is about to change something for the whole cluster and has not the label by
// which --keep-settings skips it.
func mayChange(what string) error {
	if changesSettings() {
		return nil
	}
	return fmt.Errorf("the spec changes %s for the whole cluster: give it the label %q", what, SettingsLabel)
}

// UseSetting changes a Longhorn setting for the length of the spec. Only Serial specs labelled settings may call it.
func (e *Env) UseSetting(ctx context.Context, name, value string) error {
	if err := mayChange("the setting " + name); err != nil {
		return err
	}
	undo, err := longhorn.SetSetting(ctx, e.Client, e.Config.Run, name, value)
	if undo != nil {
		e.OnCleanup(undo)
	}
	return err
}

// heldTarget is what is noted of the default BackupTarget.
type heldTarget struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// noteDefaultTarget notes in the default BackupTarget what it holds, and returns that.
func (c *Cluster) noteDefaultTarget(ctx context.Context) (held heldTarget, err error) {
	var other error
	err = c.patchTarget(ctx, longhorn.DefaultTarget, func(target *longhornv1beta2.BackupTarget) {
		held = heldTarget{URL: target.Spec.BackupTargetURL, Secret: target.Spec.CredentialSecret}
		_, other = runid.Record(target, c.Config.Run, held)
	})
	return held, errors.Join(err, other)
}

// forgetDefaultTarget removes what noteDefaultTarget has noted.
func (c *Cluster) forgetDefaultTarget(ctx context.Context) error {
	return c.patchTarget(ctx, longhorn.DefaultTarget, func(target *longhornv1beta2.BackupTarget) { runid.Forget(target) })
}

// PointDefaultTarget makes the default BackupTarget one of the store for the length of the run, until PutBack, and waits until
// the driver has found that available.
func (c *Cluster) PointDefaultTarget(ctx context.Context, store backupstore.Store) error {
	var other error
	err := c.patchTarget(ctx, longhorn.DefaultTarget, func(target *longhornv1beta2.BackupTarget) {
		held := heldTarget{URL: target.Spec.BackupTargetURL, Secret: target.Spec.CredentialSecret}
		if _, other = runid.Record(target, c.Config.Run, held); other == nil {
			target.Spec.BackupTargetURL, target.Spec.CredentialSecret = store.URL, store.Secret
		}
	})
	if err := errors.Join(err, other); err != nil {
		return err
	}
	return c.WaitAvailable(ctx, longhorn.DefaultTarget)
}

func (c *Cluster) putDefaultTarget(ctx context.Context, held heldTarget) error {
	return c.patchTarget(ctx, longhorn.DefaultTarget, func(target *longhornv1beta2.BackupTarget) {
		target.Spec.BackupTargetURL, target.Spec.CredentialSecret = held.URL, held.Secret
		runid.Forget(target)
	})
}
