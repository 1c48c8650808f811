package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// eventsShown is how many events an error text quotes, newest last.
const eventsShown = 4

// Events returns the events about the object that obj names, oldest first.
func (c *Cluster) Events(ctx context.Context, obj client.Object) ([]corev1.Event, error) {
	namespace := obj.GetNamespace()
	if namespace == "" {
		namespace = corev1.NamespaceDefault // where Kubernetes keeps events of cluster-wide objects
	}
	var list corev1.EventList
	err := c.Client.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{"involvedObject.name": obj.GetName()})
	if err != nil {
		return nil, fmt.Errorf("list events of %s: %w", c.describe(obj), err)
	}
	slices.SortFunc(list.Items, func(a, b corev1.Event) int { return eventTime(a).Compare(eventTime(b).Time) })
	return list.Items, nil
}

// recentEvents quotes the object's last events for an error text.
func (c *Cluster) recentEvents(ctx context.Context, obj client.Object) string {
	events, err := c.Events(ctx, obj)
	if err != nil {
		return err.Error()
	}
	if len(events) == 0 {
		return "none"
	}
	if len(events) > eventsShown {
		events = events[len(events)-eventsShown:]
	}
	quoted := make([]string, len(events))
	for i, event := range events {
		quoted[i] = fmt.Sprintf("[%s, %d times, %s] %s", event.Reason, eventCount(event), age(eventTime(event).Time), event.Message)
	}
	return strings.Join(quoted, "; ")
}
