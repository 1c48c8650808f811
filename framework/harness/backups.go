package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// CreateBackup creates a VolumeSnapshot of class BackupClass and returns at once.
func (e *Env) CreateBackup(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*snapshotv1.VolumeSnapshot, error) {
	return e.CreateSnapshot(ctx, name, claim, BackupClass)
}

// ReadyBackup creates a VolumeSnapshot of class BackupClass and waits until it is ready to use.
func (e *Env) ReadyBackup(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*snapshotv1.VolumeSnapshot, error) {
	return e.ReadyBackupOf(ctx, name, claim, BackupClass)
}

// ReadyBackupOf is ReadyBackup with another VolumeSnapshotClass.
func (e *Env) ReadyBackupOf(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim, class string) (*snapshotv1.VolumeSnapshot, error) {
	snapshot, err := e.CreateSnapshot(ctx, name, claim, class)
	if err != nil {
		return nil, err
	}
	return e.WaitBackedUp(ctx, snapshot)
}

// ReadyBackups creates VolumeSnapshots of class BackupClass of these names at the same time and waits until all are ready.
func (e *Env) ReadyBackups(ctx context.Context, names []string, claim *corev1.PersistentVolumeClaim) ([]*snapshotv1.VolumeSnapshot, error) {
	snapshots := make([]*snapshotv1.VolumeSnapshot, len(names))
	failures := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { snapshots[i], failures[i] = e.ReadyBackup(ctx, name, claim) })
	}
	all.Wait()
	return snapshots, errors.Join(failures...)
}

// WaitBackedUp is WaitReady for a backup, which takes longer.
func (e *Env) WaitBackedUp(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (*snapshotv1.VolumeSnapshot, error) {
	return e.waitReady(ctx, snapshot, timeouts.BackupReady)
}

// WaitBackupFailed is WaitRefused for a backup whose upload fails, which takes longer.
func (e *Env) WaitBackupFailed(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot, fragments ...string) (string, error) {
	return e.waitRefused(ctx, snapshot, timeouts.BackupFailed, fragments...)
}

// WaitHandle waits until the content behind a VolumeSnapshot has a handle, ready or not, and returns that.
func (e *Env) WaitHandle(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (string, error) {
	bound, err := Until(ctx, e.Cluster, snapshot.DeepCopy(), timeouts.SnapshotReady, "be bound to a content",
		func(snapshot *snapshotv1.VolumeSnapshot) (bool, string, error) {
			held := snapshot.Status != nil && snapshot.Status.BoundVolumeSnapshotContentName != nil
			return held, fmt.Sprintf("bound %t", held), nil
		})
	if err != nil {
		return "", err
	}
	content, err := e.ContentOf(ctx, bound)
	if err != nil {
		return "", err
	}
	content, err = Until(ctx, e.Cluster, content, timeouts.SnapshotReady, "have a snapshotHandle",
		func(content *snapshotv1.VolumeSnapshotContent) (bool, string, error) {
			held := content.Status != nil && content.Status.SnapshotHandle != nil
			return held, fmt.Sprintf("snapshotHandle %t", held), nil
		})
	if err != nil {
		return "", err
	}
	return *content.Status.SnapshotHandle, nil
}

// asks is how often the sidecar must have been refused before what it left behind is counted. It goes on
// asking, but tells a refusal in the same words only once when it first asks and once when it asks again.
const asks = 2

// WaitAskedAgain waits until the sidecar has asked once more for a refused snapshot, as its events about the content tell.
func (e *Env) WaitAskedAgain(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) error {
	now, err := e.Snapshot(ctx, snapshot.Name)
	if err != nil {
		return err
	}
	content, err := e.ContentOf(ctx, now)
	if err != nil {
		return err
	}
	return e.waitWarned(ctx, content, asks, func(event corev1.Event) bool { return event.Type == corev1.EventTypeWarning })
}

// waitWarned waits until events about a content, or another object, that match have told of that many refusals.
func (e *Env) waitWarned(ctx context.Context, object client.Object, times int32, match func(corev1.Event) bool) error {
	var seen int32
	budget := timeouts.SnapshotRefused
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		events, err := e.Events(ctx, object)
		if err != nil {
			return false, err
		}
		seen = 0
		for _, event := range events {
			if match(event) {
				seen += eventCount(event)
			}
		}
		return seen >= times, nil
	})
	if err != nil {
		return fmt.Errorf("waited %s (timeouts.%s) for %s to be refused %d times; seen %d: %w; recent events: %s",
			budget.Limit, budget.Name, e.describe(object), times, seen, err, e.recentEvents(context.WithoutCancel(ctx), object))
	}
	return nil
}

// BackupBehind returns the Longhorn Backup that the handle of a VolumeSnapshot names.
func (e *Env) BackupBehind(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (*longhornv1beta2.Backup, error) {
	handle, err := e.SnapshotHandleOf(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	_, name, err := SplitHandle(handle)
	if err != nil {
		return nil, err
	}
	return longhorn.Backup(ctx, e.Client, name)
}

// SplitHandle takes bak://volume/backup apart.
func SplitHandle(handle string) (volume, backup string, err error) {
	rest, isBackup := strings.CutPrefix(handle, "bak://")
	volume, backup, found := strings.Cut(rest, "/")
	if !isBackup || !found || volume == "" || backup == "" || strings.Contains(backup, "/") {
		return "", "", fmt.Errorf("%q is not the handle of a backup, bak://<volume>/<backup>", handle)
	}
	return volume, backup, nil
}

// WaitBackupState waits until a Backup is in one of the states and returns it.
func (e *Env) WaitBackupState(ctx context.Context, name string, states ...longhornv1beta2.BackupState) (*longhornv1beta2.Backup, error) {
	return Until(ctx, e.Cluster, longhorn.BackupNamed(name), timeouts.BackupReady, fmt.Sprintf("be in a state of %q", states),
		func(backup *longhornv1beta2.Backup) (bool, string, error) {
			for _, state := range states {
				if backup.Status.State == state {
					return true, string(state), nil
				}
			}
			return false, fmt.Sprintf("state %q, progress %d %%, error %q", backup.Status.State, backup.Status.Progress, backup.Status.Error), nil
		})
}

// WaitBackupOf waits until a Backup of the volume is in the state and returns it.
func (e *Env) WaitBackupOf(ctx context.Context, volume string, state longhornv1beta2.BackupState) (*longhornv1beta2.Backup, error) {
	var found []longhornv1beta2.Backup
	budget := timeouts.BackupFailed
	in := func(backup longhornv1beta2.Backup) bool { return backup.Status.State == state }
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (done bool, err error) {
		found, err = longhorn.BackupsOf(ctx, e.Client, volume)
		return slices.ContainsFunc(found, in), err
	})
	if err != nil {
		seen := make([]string, len(found))
		for i, backup := range found {
			seen[i] = fmt.Sprintf("%s: state %q, error %q", backup.Name, backup.Status.State, backup.Status.Error)
		}
		return nil, fmt.Errorf("waited %s (timeouts.%s) for a backup of volume %s to be in state %s; last seen: %q: %w", budget.Limit, budget.Name, volume, state, seen, err)
	}
	return &found[slices.IndexFunc(found, in)], nil
}

// WaitBackupGone waits until the Longhorn Backup does not exist.
func (e *Env) WaitBackupGone(ctx context.Context, name string) error {
	return UntilGone(ctx, e.Cluster, longhorn.BackupNamed(name), timeouts.BackupGone)
}

// DeleteBackup deletes a Longhorn Backup without CSI and waits until it is gone; a missing one is fine.
func (e *Env) DeleteBackup(ctx context.Context, name string) error {
	return deleteAndWait(ctx, e.Cluster, longhorn.BackupNamed(name), timeouts.BackupGone)
}

// WaitBackupKnown waits until the driver has found a Backup in its target that others have put there.
func (e *Env) WaitBackupKnown(ctx context.Context, name string) error {
	ref, err := e.ref(longhorn.BackupNamed(name))
	if err != nil {
		return err
	}
	_, err = kube.Until(ctx, e.Kube, ref, timeouts.BackupSeen, "be known to the driver and complete",
		func(backup *longhornv1beta2.Backup) (bool, string, error) {
			if backup == nil {
				return false, "it does not exist", nil
			}
			return backup.Status.State == longhornv1beta2.BackupStateCompleted, "state " + string(backup.Status.State), nil
		})
	return err
}
