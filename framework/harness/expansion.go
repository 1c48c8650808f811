package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// ErrHostCannotGrow says that the host, not the driver, keeps a mounted ext4 from growing.
var ErrHostCannotGrow = errors.New("the host withholds CAP_SYS_RESOURCE, without which ext4 cannot grow while it is mounted")

// growthRefused is what resize2fs says without CAP_SYS_RESOURCE.
const growthRefused = "Permission denied to resize filesystem"

// Expand asks for a larger size and returns at once.
func (e *Env) Expand(ctx context.Context, claim *corev1.PersistentVolumeClaim, mib int64) (*corev1.PersistentVolumeClaim, error) {
	grown := claim.DeepCopy()
	before := client.MergeFrom(claim)
	grown.Spec.Resources.Requests[corev1.ResourceStorage] = Size(mib)
	if err := e.Client.Patch(ctx, grown, before); err != nil {
		return nil, fmt.Errorf("expand claim %s to %d MiB: %w", claim.Name, mib, err)
	}
	return grown, nil
}

// WaitGrown waits until the claim's capacity, file system included, has reached the size. When the host
// cannot grow a mounted ext4 the error is ErrHostCannotGrow.
func (e *Env) WaitGrown(ctx context.Context, claim *corev1.PersistentVolumeClaim, mib int64) (*corev1.PersistentVolumeClaim, error) {
	size := Size(mib)
	return Until(ctx, e.Cluster, claim.DeepCopy(), timeouts.VolumeExpanded, fmt.Sprintf("have a capacity of %d MiB", mib),
		func(claim *corev1.PersistentVolumeClaim) (bool, string, error) {
			capacity := claim.Status.Capacity[corev1.ResourceStorage]
			if capacity.Cmp(size) >= 0 {
				return true, "capacity " + capacity.String(), nil
			}
			seen := fmt.Sprintf("capacity %s, conditions %s", capacity.String(), conditions(claim))
			return false, seen, e.hostRefuses(ctx, seen)
		})
}

// hostRefuses looks for the host's refusal in the claim's conditions and in the events of the namespace.
func (e *Env) hostRefuses(ctx context.Context, conditions string) error {
	if strings.Contains(conditions, growthRefused) {
		return ErrHostCannotGrow
	}
	var events corev1.EventList
	if err := e.Client.List(ctx, &events, client.InNamespace(e.Namespace)); err != nil {
		return fmt.Errorf("list events: %w", err)
	}
	for _, event := range events.Items {
		if strings.Contains(event.Message, growthRefused) {
			return ErrHostCannotGrow
		}
	}
	return nil
}

func conditions(claim *corev1.PersistentVolumeClaim) string {
	var texts []string
	for _, condition := range claim.Status.Conditions {
		texts = append(texts, fmt.Sprintf("%s: %s", condition.Type, condition.Message))
	}
	return fmt.Sprintf("%q", texts)
}
