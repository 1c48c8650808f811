package harness

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/backupstore/audit"
)

// LoseBlock takes one block of a backup away from a path of the bucket and returns how to put it back, which the
// end of the spec does in any case.
func (e *Env) LoseBlock(ctx context.Context, prefix string, snapshot *snapshotv1.VolumeSnapshot) (putBack func(context.Context) error, err error) {
	handle, err := e.SnapshotHandleOf(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	volume, name, err := SplitHandle(handle)
	if err != nil {
		return nil, err
	}
	found, err := e.Audit(ctx, prefix, true, volume)
	if err != nil {
		return nil, err
	}
	stored, there := found.Backup(volume, name)
	if !there || len(stored.Blocks) == 0 {
		return nil, fmt.Errorf("the bucket has no block of backup %s of volume %s that could be taken away", name, volume)
	}
	return e.TakeAway(ctx, prefix+audit.BlockOf(volume, stored.Blocks[len(stored.Blocks)/2].Checksum))
}

// FaultedClaim makes a claim whose volume is faulted: it is restored from a backup of which a block is lost. The
// claim is Bound, as Longhorn binds before it copies.
func (e *Env) FaultedClaim(ctx context.Context, want Claim, backup *snapshotv1.VolumeSnapshot) (*corev1.PersistentVolumeClaim, error) {
	if _, err := e.LoseBlock(ctx, "", backup); err != nil {
		return nil, err
	}
	want.Snapshot = backup.Name
	claim, err := e.CreateClaim(ctx, want)
	if err != nil {
		return nil, err
	}
	failure, err := e.WaitRestoreEnd(ctx, claim)
	if err == nil && failure == "" {
		err = fmt.Errorf("claim %s was restored although a block of its backup is lost", claim.Name)
	}
	if err != nil {
		return nil, err
	}
	return e.Claim(ctx, claim.Name)
}
