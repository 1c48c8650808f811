package harness

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/timeouts"
)

// askedLine is what the csi-snapshotter logs, whatever its log level, before each CreateSnapshot, with the time in klog's form.
var askedLine = regexp.MustCompile(`(?m)^I(\d{4} \d{2}:\d{2}:\d{2}\.\d{6}).* createSnapshotWrapper: Creating snapshot for content (\S+) through the plugin`)

// WaitPauses waits until the csi-snapshotter has called CreateSnapshot for a content that often, as its log tells,
// and returns the times between the calls.
func (e *Env) WaitPauses(ctx context.Context, content string, calls int) ([]time.Duration, error) {
	var times []time.Time
	budget := timeouts.SnapshotReady
	err := wait.PollUntilContextTimeout(ctx, time.Second, budget.Limit, true, func(ctx context.Context) (bool, error) {
		logs, err := e.Target.Logs(ctx, e.Began)
		if err != nil {
			return false, err
		}
		times, err = askedTimes(logs, content)
		return len(times) >= calls, err
	})
	if err != nil {
		return nil, fmt.Errorf("waited %s (timeouts.%s) for the csi-snapshotter to log %d CreateSnapshot calls for content %s; seen %d: %w",
			budget.Limit, budget.Name, calls, content, len(times), err)
	}
	pauses := make([]time.Duration, len(times)-1)
	for i := range pauses {
		pauses[i] = times[i+1].Sub(times[i])
	}
	return pauses, nil
}

// askedTimes are the moments, in order, at which logs of csi-snapshotters tell of a call for the content.
func askedTimes(logs map[string][]byte, content string) ([]time.Time, error) {
	var times []time.Time
	for container, text := range logs {
		if !strings.HasSuffix(container, "/csi-snapshotter") {
			continue
		}
		for _, found := range askedLine.FindAllSubmatch(text, -1) {
			if string(found[2]) != content {
				continue
			}
			at, err := time.Parse("0102 15:04:05.000000", string(found[1]))
			if err != nil {
				return nil, fmt.Errorf("read the time of a line in the log of %s: %w", container, err)
			}
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return times, nil
}
