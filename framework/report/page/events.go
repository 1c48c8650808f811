package page

import (
	"regexp"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/report"
)

// specEntries are what the spec itself said that it does, and where it failed.
func specEntries(spec report.Spec) []entry {
	var all []entry
	for _, step := range spec.Steps {
		all = append(all, entry{Time: step.Started, Kind: kindStep, Text: step.Text + " (" + seconds(step.Seconds) + ")"})
	}
	if spec.FailedAfterSeconds > 0 {
		at := spec.Started.Add(time.Duration(spec.FailedAfterSeconds * float64(time.Second)))
		all = append(all, entry{Time: at, Kind: kindFailed, Text: "at " + spec.Location})
	}
	return all
}

// eventLine is a line of events.txt: time of day, type, object, what is said.
var eventLine = regexp.MustCompile(`^(\d\d:\d\d:\d\d) (\w+) +(\S+) (.*)$`)

// eventEntries reads events.txt, which has times of day only. Lines that go on
// from the one before are added to it.
func eventEntries(text string, began time.Time) []entry {
	var all []entry
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		parts := eventLine.FindStringSubmatch(line)
		if parts == nil {
			if len(all) > 0 {
				all[len(all)-1].Text += " " + line
			}
			continue
		}
		all = append(all, entry{Time: onDay(parts[1], began), Kind: kindEvent, Who: parts[3],
			Text: strings.Replace(parts[4], " (1 times)", "", 1), Bad: parts[2] == "Warning"})
	}
	return all
}

// onDay is the moment of that time of day that is nearest to began.
func onDay(clock string, began time.Time) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", began.UTC().Format("2006-01-02 ")+clock)
	if err != nil {
		return began
	}
	switch {
	case at.Sub(began) > 12*time.Hour:
		return at.AddDate(0, 0, -1)
	case began.Sub(at) > 12*time.Hour:
		return at.AddDate(0, 0, 1)
	}
	return at
}
