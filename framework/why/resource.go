package why

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// resourceFacts is what was found about one of Longhorn's own resources.
type resourceFacts struct {
	// self is the resource.
	self   client.Object
	behind behind
	// rules are those for its kind.
	rules  []func(behind) string
	events events
	system *system
}

// subject finds what the subject depends on.
func (l *looker) subject(ctx context.Context, subject Subject) (facts, error) {
	switch subject.Kind.Name {
	case VolumeSnapshot.Name:
		self, err := must[snapshotv1.VolumeSnapshot](ctx, l, subject)
		if err != nil {
			return nil, err
		}
		return l.snapshot(ctx, self), nil
	case VolumeSnapshotContent.Name:
		self, err := must[snapshotv1.VolumeSnapshotContent](ctx, l, subject)
		if err != nil {
			return nil, err
		}
		return l.contentOnly(ctx, self), nil
	case Claim.Name:
		self, err := must[corev1.PersistentVolumeClaim](ctx, l, subject)
		if err != nil {
			return nil, err
		}
		return l.claim(ctx, self), nil
	case Pod.Name:
		self, err := must[corev1.Pod](ctx, l, subject)
		if err != nil {
			return nil, err
		}
		return l.pod(ctx, self), nil
	}
	return l.resource(ctx, subject)
}

// resource finds what one of Longhorn's own resources depends on.
func (l *looker) resource(ctx context.Context, subject Subject) (facts, error) {
	f := &resourceFacts{system: l.systemNow(ctx)}
	var err error
	switch subject.Kind.Name {
	case LonghornVolume.Name:
		err = l.resourceVolume(ctx, f, subject)
	case LonghornCut.Name:
		err = l.resourceCut(ctx, f, subject)
	case LonghornBackup.Name:
		err = l.resourceBackup(ctx, f, subject)
	case LonghornImage.Name:
		err = l.resourceImage(ctx, f, subject)
	case LonghornTarget.Name:
		err = l.resourceTarget(ctx, f, subject)
	default:
		err = fmt.Errorf("cannot tell of a %s why it is not ready", subject.Kind.Name)
	}
	if err != nil {
		return nil, err
	}
	f.events = l.eventsAbout(ctx, subject.String(), f.self)
	return f, nil
}

func (f *resourceFacts) cause() string {
	if f.deleting() {
		return resourceHeld(f)
	}
	if cause := first(f.behind, f.rules); cause != "" {
		if stopped := f.system.driverStopped(); stopped != "" {
			return stopped
		}
		return cause
	}
	return ""
}

func resourceHeld(f *resourceFacts) string {
	cause := "finalizers hold it: " + strings.Join(f.self.GetFinalizers(), ", ")
	if event := f.events.last(); event != nil {
		return cause + "; " + said("an event", event.Message)
	}
	if stopped := f.system.driverStopped(); stopped != "" {
		return stopped
	}
	if target := f.behind.target.object; target != nil && !target.Status.Available {
		return cause + "; " + f.behind.target.label + " is not available"
	}
	return cause
}

func (f *resourceFacts) deleting() bool { return f.self.GetDeletionTimestamp() != nil }

func (f *resourceFacts) since() time.Time { return f.self.GetCreationTimestamp().Time }

func (f *resourceFacts) names() []string { return append(f.behind.names(), f.self.GetName()) }

func (f *resourceFacts) steps() []Step {
	return slices.Concat(f.behind.steps(), f.events.steps(), f.system.steps())
}
