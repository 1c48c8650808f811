package harness

import (
	"context"
	"fmt"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/backupstore/front"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// frontName is the name of a front's pod, Service and secret.
	frontName = "store"
	// frontSuffix makes the name of its namespace from the spec's.
	frontSuffix = "-front"
)

// CreateFaultyTarget is CreateTarget with a front between the driver and the
// store that misbehaves on request. The front has a namespace of its own, since
// the driver needs it until the last backup is gone.
func (e *Env) CreateFaultyTarget(ctx context.Context) (*Target, *front.Front, error) {
	e.NeedsStore()
	namespace := e.ownNamespace(frontSuffix)
	if err := e.Client.Create(ctx, namespace); err != nil {
		return nil, nil, fmt.Errorf("create the front's namespace: %w", err)
	}
	e.OnRemoved(func(ctx context.Context) error {
		return client.IgnoreNotFound(e.Client.Delete(ctx, namespace.DeepCopy()))
	})
	between, err := front.Start(ctx, e.Kube, front.Options{Namespace: namespace.Name, Name: frontName, Store: e.Config.Store})
	if err != nil {
		return nil, nil, err
	}
	credentials, err := between.Credentials(ctx)
	if err != nil {
		return nil, nil, err
	}
	target, err := e.CreateTarget(ctx, credentials)
	if err != nil {
		return nil, nil, err
	}
	// Registered after the target's own, so that it runs first: mending a target needs a front that works.
	e.OnCleanup(between.Clear)
	return target, between, e.WaitAvailable(ctx, target.Name)
}

// WaitBackupEnd waits until a backup that meets trouble is ready, or says why it failed: then the text is not empty.
func (e *Env) WaitBackupEnd(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (failure string, err error) {
	_, err = Until(ctx, e.Cluster, snapshot.DeepCopy(), timeouts.BackupFailed, "be ready or show an error",
		func(snapshot *snapshotv1.VolumeSnapshot) (bool, string, error) {
			if snapshot.Status == nil {
				return false, "no status", nil
			}
			ready := ptr.Deref(snapshot.Status.ReadyToUse, false)
			failure = errorText(snapshot.Status.Error)
			// What the snapshot-controller says, such as of a class that it has not seen yet, it tries again.
			if ready || !strings.Contains(failure, "code = ") {
				failure = ""
			}
			return ready || failure != "", fmt.Sprintf("readyToUse %t, error %q", ready, failure), nil
		})
	return failure, err
}

// WaitRestoreEnd waits until the data of a claim from a backup are there, or the
// volume says why they are not: then the text is not empty. A driver may try
// again and still succeed; what it says meanwhile counts only for a volume that is given up.
func (e *Env) WaitRestoreEnd(ctx context.Context, claim *corev1.PersistentVolumeClaim) (failure string, err error) {
	claim, err = e.waitBound(ctx, claim)
	if err != nil {
		return "", err
	}
	handle, err := e.HandleOf(ctx, claim)
	if err != nil {
		return "", err
	}
	_, err = Until(ctx, e.Cluster, longhorn.VolumeNamed(handle), timeouts.VolumeRestored, "have its data copied or be faulted",
		func(volume *longhornv1beta2.Volume) (bool, string, error) {
			held, seen := copied(volume)
			failure = ""
			if !held && volume.Status.Robustness == longhornv1beta2.VolumeRobustnessFaulted {
				failure = restoreFailure(volume)
			}
			return held || failure != "", seen, nil
		})
	return failure, err
}

// restoreFailure is what the volume's condition says about a restore that failed, "" when it has not.
func restoreFailure(volume *longhornv1beta2.Volume) string {
	for _, condition := range volume.Status.Conditions {
		if condition.Type == longhornv1beta2.VolumeConditionTypeRestore && condition.Status == longhornv1beta2.ConditionStatusFalse &&
			condition.Reason == longhornv1beta2.VolumeConditionReasonRestoreFailure {
			return condition.Reason + ": " + condition.Message
		}
	}
	return ""
}
