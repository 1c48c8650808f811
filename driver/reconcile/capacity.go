package reconcile

import (
	"context"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/driver/api"
)

const (
	// capacityInterval is how often the node's free space is reported.
	capacityInterval = 10 * time.Second
	// diskName is the key of the node's only disk.
	diskName = "default-disk"
)

// capacityReport keeps the Node object of this node up to date. It is a manager.Runnable.
type capacityReport struct{ node }

// Start reports until ctx ends. A failed report is logged and repeated.
func (r *capacityReport) Start(ctx context.Context) error {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := r.report(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("the node's capacity could not be reported", "node", r.Node, "error", err)
		}
	}, capacityInterval)
	return nil
}

func (r *capacityReport) report(ctx context.Context) error {
	object := &longhorn.Node{}
	err := r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: r.Node}, object)
	if apierrors.IsNotFound(err) {
		object = &longhorn.Node{
			ObjectMeta: metav1.ObjectMeta{Name: r.Node, Namespace: r.Namespace, Labels: map[string]string{api.TopologyKey: r.Node}},
			Spec: longhorn.NodeSpec{Name: r.Node, AllowScheduling: true, Disks: map[string]longhorn.DiskSpec{
				diskName: {Type: longhorn.DiskTypeFilesystem, Path: r.DataDir, AllowScheduling: true},
			}},
		}
		err = r.client.Create(ctx, object)
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("read or create node %s: %w", r.Node, err)
	}
	total, free, err := r.Engine.Capacity()
	if err != nil {
		return err
	}
	before := object.DeepCopy()
	object.Status.Conditions = api.SetCondition(object.Status.Conditions, yes(longhorn.NodeConditionTypeReady))
	object.Status.Conditions = api.SetCondition(object.Status.Conditions, yes(longhorn.NodeConditionTypeSchedulable))
	object.Status.DiskStatus = map[string]*longhorn.DiskStatus{diskName: {
		Conditions:     diskConditions(before),
		StorageMaximum: total, StorageAvailable: free,
		DiskName: diskName, DiskPath: r.DataDir, Type: longhorn.DiskTypeFilesystem, FSType: "xfs",
	}}
	return r.patchStatus(ctx, before, object)
}

// diskConditions keeps the transition times of the conditions that the object has.
func diskConditions(object *longhorn.Node) []longhorn.Condition {
	var conditions []longhorn.Condition
	if disk := object.Status.DiskStatus[diskName]; disk != nil {
		conditions = append(conditions, disk.Conditions...)
	}
	conditions = api.SetCondition(conditions, yes(longhorn.DiskConditionTypeReady))
	return api.SetCondition(conditions, yes(longhorn.DiskConditionTypeSchedulable))
}

func yes(kind string) longhorn.Condition {
	return longhorn.Condition{Type: kind, Status: longhorn.ConditionStatusTrue}
}
