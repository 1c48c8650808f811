package why

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// logOf begins the name of a step that is a log line.
	logOf = "log of "
	// linesRead is how much of the end of each log is searched.
	linesRead = 5000
	// linesShown is how many lines of one container the chain has.
	linesShown = 2
	// sinceAtMost bounds how far back logs are searched.
	sinceAtMost = 24 * time.Hour
)

// troubled is how a line of a log looks that tells of trouble: klog's letter, a level, or the word.
var troubled = regexp.MustCompile(`^[EW]\d{4} |"level":"(?:ERROR|WARN)"|level=(?:error|warning|fatal)|(?i:error|failed|cannot|refus)`)

// logSteps are the lines of sidecars and driver about one of the names.
func (l *looker) logSteps(ctx context.Context, names []string, since time.Time) []Step {
	if l.source.Tail == nil {
		return nil
	}
	if earliest := l.now.Add(-sinceAtMost); since.Before(earliest) {
		since = earliest
	}
	var all []Step
	for _, w := range l.systemNow(ctx).workers() {
		since := since
		what := logOf + w.container
		ill := containerTrouble(w.pod, w.container) != ""
		if ill {
			since = time.Time{} // it may have ended long before the object was made
		}
		log, err := l.source.Tail(ctx, w.pod, w.container, linesRead, since)
		if err != nil {
			all = append(all, Step{what, "cannot be read: " + oneLine(err.Error(), saysWidth)})
			continue
		}
		lines := telling(string(log), names)
		if ill { // its last words, whatever they are about
			lines = lastLines(string(log))
		}
		for _, line := range lines {
			all = append(all, Step{what, oneLine(plain(line), saysWidth)})
		}
	}
	return all
}

// telling are the last lines about one of the names, those of trouble before others.
func telling(log string, names []string) []string {
	var bad, good []string
	for line := range strings.Lines(log) {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(line, name) }) {
			continue
		}
		if tellsOfEvent(line) {
			continue
		}
		if line = strings.TrimSpace(line); troubled.MatchString(line) {
			bad = append(bad, line)
		} else {
			good = append(good, line)
		}
	}
	if len(bad) == 0 {
		return good[max(0, len(good)-1):]
	}
	return bad[max(0, len(bad)-linesShown):]
}

// lastLines are the last lines of a log.
func lastLines(log string) []string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[max(0, len(lines)-linesShown):]
}
