package harness

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// ChangeVolume changes the spec of a Longhorn Volume without CSI, as the user interface does.
func (e *Env) ChangeVolume(ctx context.Context, name string, change func(*longhornv1beta2.VolumeSpec)) error {
	volume, err := longhorn.Volume(ctx, e.Client, name)
	if err != nil {
		return err
	}
	before := client.MergeFrom(volume.DeepCopy())
	change(&volume.Spec)
	if err := e.Client.Patch(ctx, volume, before); err != nil {
		return fmt.Errorf("change Longhorn Volume %s: %w", name, err)
	}
	return nil
}
