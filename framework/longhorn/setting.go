package longhorn

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/runid"
)

// Setting reads the value of a Setting; "" when there is none.
func Setting(ctx context.Context, c client.Client, name string) (string, error) {
	setting := settingNamed(name)
	err := c.Get(ctx, client.ObjectKeyFromObject(setting), setting)
	if client.IgnoreNotFound(err) != nil {
		return "", fmt.Errorf("read Longhorn setting %s: %w", name, err)
	}
	return setting.Value, nil
}

// SetSetting changes a Setting for a run and returns how to put back what was there before. The run and
// what was there are noted in the Setting meanwhile.
func SetSetting(ctx context.Context, c client.Client, run, name, value string) (undo func(context.Context) error, err error) {
	setting := settingNamed(name)
	err = c.Get(ctx, client.ObjectKeyFromObject(setting), setting)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read Longhorn setting %s: %w", name, err)
	}
	if err != nil {
		setting.Value = value
		undo = func(ctx context.Context) error { return client.IgnoreNotFound(c.Delete(ctx, settingNamed(name))) }
		if err := c.Create(ctx, setting); err != nil {
			return nil, fmt.Errorf("create Longhorn setting %s: %w", name, err)
		}
		return undo, nil
	}
	before, held := setting.DeepCopy(), setting.Value
	first, err := runid.Record(setting, run, held)
	if err != nil {
		return nil, err
	}
	setting.Value = value
	if err := c.Patch(ctx, setting, client.MergeFrom(before)); err != nil {
		return nil, fmt.Errorf("change Longhorn setting %s: %w", name, err)
	}
	return func(ctx context.Context) error { return PutSetting(ctx, c, name, held, first || run == "") }, nil
}

// PutSetting gives a Setting back a value; the last time it also forgets who has changed it.
func PutSetting(ctx context.Context, c client.Client, name, value string, last bool) error {
	setting := settingNamed(name)
	if err := c.Get(ctx, client.ObjectKeyFromObject(setting), setting); err != nil {
		return fmt.Errorf("read Longhorn setting %s: %w", name, err)
	}
	before := setting.DeepCopy()
	setting.Value = value
	if last {
		runid.Forget(setting)
	}
	if err := c.Patch(ctx, setting, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("put Longhorn setting %s back: %w", name, err)
	}
	return nil
}

func settingNamed(name string) *longhornv1beta2.Setting {
	return &longhornv1beta2.Setting{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}
