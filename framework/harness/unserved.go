package harness

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// RemoveUnserved deletes an object that nobody will ever let go of, because the driver or the VolumeSnapshot that it
// names does not exist: its finalizers are taken away. A missing object is fine.
func (e *Env) RemoveUnserved(ctx context.Context, object client.Object) error {
	if err := client.IgnoreNotFound(e.Client.Delete(ctx, object)); err != nil {
		return fmt.Errorf("delete %s: %w", e.describe(object), err)
	}
	free := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := client.IgnoreNotFound(e.Client.Patch(ctx, object, free)); err != nil {
		return fmt.Errorf("take the finalizers of %s away: %w", e.describe(object), err)
	}
	return UntilGone(ctx, e.Cluster, object, timeouts.SnapshotDeleted)
}
