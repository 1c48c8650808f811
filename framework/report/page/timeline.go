package page

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/muster-csi/muster/framework/report"
)

// timeline shows when which process of the suite ran which spec.
type timeline struct {
	Lanes []lane
	Ticks []tick
}

// lane is one process.
type lane struct {
	Process int
	Label   string
	Bars    []bar
}

// bar is one spec.
type bar struct {
	From, Width   percent
	Style, Title  string
	Anchor, Label string
}

// tick is a mark on an axis. The last ones are written to the left of it.
type tick struct {
	At   percent
	Text string
	End  bool
}

// newTimeline lays out the specs that ran; it has no lanes when none did.
func newTimeline(r *report.Report) timeline {
	begin, end := span(r.Specs)
	whole := end.Sub(begin).Seconds()
	if whole <= 0 {
		return timeline{}
	}
	at, lanes := anchors(r), map[int]*lane{}
	for _, spec := range r.Specs {
		if !ran(spec) {
			continue
		}
		l := lanes[spec.Process]
		if l == nil {
			l = &lane{Process: spec.Process}
			lanes[spec.Process] = l
		}
		from := spec.Started.Sub(begin).Seconds()
		l.Bars = append(l.Bars, bar{
			From: percent(100 * from / whole), Width: percent(max(100*spec.Seconds/whole, 0.08)), Style: string(spec.Result), Anchor: at[spec.Name],
			Title: fmt.Sprintf("%s\n%s, %s, began %s after the first", spec.Name, spec.Result, seconds(spec.Seconds), seconds(from)),
		})
	}
	t := timeline{Ticks: ticks(whole)}
	for _, l := range lanes {
		slices.SortFunc(l.Bars, func(a, b bar) int { return cmp.Compare(a.From, b.From) })
		l.Label = fmt.Sprintf("process %d: %s", l.Process, plural(len(l.Bars), "spec"))
		t.Lanes = append(t.Lanes, *l)
	}
	slices.SortFunc(t.Lanes, func(a, b lane) int { return cmp.Compare(a.Process, b.Process) })
	return t
}

// ran reports whether the spec took time; one that was skipped at once did not.
func ran(spec report.Spec) bool {
	return !spec.Started.IsZero() && spec.Seconds > 0 && spec.Process > 0
}

// span is from the first start of a spec to the last end.
func span(specs []report.Spec) (begin, end time.Time) {
	for _, spec := range specs {
		if !ran(spec) {
			continue
		}
		if begin.IsZero() || spec.Started.Before(begin) {
			begin = spec.Started
		}
		if ended := spec.Started.Add(time.Duration(spec.Seconds * float64(time.Second))); ended.After(end) {
			end = ended
		}
	}
	return begin, end
}

// steps are the distances of ticks in seconds from which one is taken.
var steps = []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600}

// ticks divides a number of seconds into about six parts.
func ticks(whole float64) []tick {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if whole/s <= 7 {
			step = s
			break
		}
	}
	var all []tick
	for s := 0.0; s <= whole; s += step {
		text := fmt.Sprintf("%.0f s", s)
		if step >= 60 {
			text = fmt.Sprintf("%.0f min", s/60)
		}
		all = append(all, tick{At: percent(100 * s / whole), Text: text, End: s/whole > 0.93})
	}
	return all
}
