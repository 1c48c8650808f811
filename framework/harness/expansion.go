package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
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

// Grow expands a raw block volume that the pod uses, waits until it has grown and returns the pod that uses it then:
// before Longhorn 1.4 (clause I-10) that is another, since a volume could not grow while it was attached.
func (e *Env) Grow(ctx context.Context, claim *corev1.PersistentVolumeClaim, pod *workload.Pod, mib int64) (*workload.Pod, error) {
	online := e.Follows("1.4")
	if !online {
		if err := pod.Stop(ctx); err != nil {
			return nil, err
		}
	}
	claim, err := e.Expand(ctx, claim, mib)
	if err == nil {
		claim, err = e.WaitGrown(ctx, claim, mib)
	}
	if err != nil || online {
		return pod, err
	}
	return e.StartPod(ctx, "grown", claim)
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

// WaitExpandRefused waits until an event about the claim says with all fragments that it cannot grow now, and returns its text.
func (e *Env) WaitExpandRefused(ctx context.Context, claim *corev1.PersistentVolumeClaim, fragments ...string) (string, error) {
	var text string
	budget := timeouts.ClaimRefused
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		events, err := e.Events(ctx, claim)
		for _, event := range events {
			if event.Type == corev1.EventTypeWarning && containsAll(event.Message, fragments) {
				text = event.Message
			}
		}
		return text != "", err
	})
	if err != nil {
		return "", fmt.Errorf("waited %s (timeouts.%s) for the expansion of claim %s to be refused with %q: %w; recent events: %s",
			budget.Limit, budget.Name, claim.Name, fragments, err, e.recentEvents(context.WithoutCancel(ctx), claim))
	}
	return text, nil
}
