package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// writeEvents writes the events of the spec's namespace, oldest first.
func writeEvents(ctx context.Context, source Source, dir string) error {
	var list corev1.EventList
	if err := source.Client.List(ctx, &list, client.InNamespace(source.Namespace)); err != nil {
		return fmt.Errorf("list events for evidence: %w", err)
	}
	slices.SortFunc(list.Items, func(a, b corev1.Event) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	})
	var text bytes.Buffer
	for _, event := range list.Items {
		fmt.Fprintf(&text, "%s %-7s %s/%s %s (%d times): %s\n", event.CreationTimestamp.UTC().Format("15:04:05"), event.Type,
			event.InvolvedObject.Kind, event.InvolvedObject.Name, event.Reason, max(event.Count, 1), event.Message)
	}
	return write(dir, "events.txt", text.Bytes())
}

// writeLogs writes the log of every container of driver and sidecars since the spec began, and in
// csi-calls.txt those lines that name one of the spec's objects.
func writeLogs(ctx context.Context, source Source, dir string, names []string) error {
	logs, err := source.Logs(ctx, source.Since)
	failures := []error{err}
	containers := make([]string, 0, len(logs))
	for container := range logs {
		containers = append(containers, container)
	}
	slices.Sort(containers)
	var calls bytes.Buffer
	for _, container := range containers {
		failures = append(failures, write(dir, "log-"+strings.ReplaceAll(container, "/", "-")+".txt", logs[container]))
		appendCalls(&calls, container, logs[container], names)
	}
	failures = append(failures, write(dir, "csi-calls.txt", calls.Bytes()))
	return errors.Join(failures...)
}

// callMarks are how lines about CSI calls can be told: those of the reference driver, of
// sidecars and other drivers by the method's full name, and of Longhorn.
var callMarks = []string{`"CSI call"`, "csi.v1.", ": req: ", ": rsp: "}

// appendCalls copies the lines of CSI calls that name one of the spec's objects.
func appendCalls(calls *bytes.Buffer, container string, log []byte, names []string) {
	for line := range strings.Lines(string(log)) {
		marked := slices.ContainsFunc(callMarks, func(mark string) bool { return strings.Contains(line, mark) })
		if marked && slices.ContainsFunc(names, func(name string) bool { return strings.Contains(line, name) }) {
			calls.WriteString(container + ": " + strings.TrimRight(line, "\n") + "\n")
		}
	}
}
