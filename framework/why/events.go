package why

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// eventOf begins the name of a step that is an event.
	eventOf = "  event "
	// eventsShown is how many events about one object the chain has, newest last.
	eventsShown = 3
)

// events are those about one object, oldest first.
type events struct {
	label string
	list  []corev1.Event
	now   time.Time
}

// eventsAbout reads the events about an object.
func (l *looker) eventsAbout(ctx context.Context, label string, object client.Object) events {
	e := events{label: label, now: l.now}
	namespace := cmp.Or(object.GetNamespace(), corev1.NamespaceDefault) // where Kubernetes keeps those of cluster-wide objects
	var list corev1.EventList
	if !l.list(ctx, "events about "+label, &list, client.InNamespace(namespace), client.MatchingFields{"involvedObject.name": object.GetName()}) {
		return e
	}
	for _, event := range list.Items {
		if uid := event.InvolvedObject.UID; uid == "" || uid == object.GetUID() {
			e.list = append(e.list, event)
		}
	}
	slices.SortStableFunc(e.list, func(a, b corev1.Event) int { return seenLast(&a).Compare(seenLast(&b)) })
	return e
}

// last returns the newest event with one of the reasons, nil without. No reason is any warning.
func (e events) last(reasons ...string) *corev1.Event {
	for i := len(e.list) - 1; i >= 0; i-- {
		event := &e.list[i]
		if slices.Contains(reasons, event.Reason) || len(reasons) == 0 && event.Type == corev1.EventTypeWarning {
			return event
		}
	}
	return nil
}

// steps describe the newest events.
func (e events) steps() []Step {
	var all []Step
	for _, event := range e.list[max(0, len(e.list)-eventsShown):] {
		what := fmt.Sprintf("%s%s, %s", eventOf, event.Reason, since(e.now, seenLast(&event)))
		if times := count(&event); times > 1 {
			what += fmt.Sprintf(", %d times", times)
		}
		all = append(all, Step{what, oneLine(event.Message, saysWidth)})
	}
	return all
}

// seenLast is when the event was last seen, whichever API version wrote it.
func seenLast(event *corev1.Event) time.Time {
	switch {
	case event.Series != nil:
		return event.Series.LastObservedTime.Time
	case !event.LastTimestamp.IsZero():
		return event.LastTimestamp.Time
	case !event.EventTime.IsZero():
		return event.EventTime.Time
	}
	return event.CreationTimestamp.Time
}

// count is how often the event was seen, whichever API version wrote it.
func count(event *corev1.Event) int32 {
	if event.Series != nil {
		return event.Series.Count
	}
	return max(event.Count, 1)
}
