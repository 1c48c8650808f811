package page

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/muster-csi/muster/internal/redact"
)

// Kinds of entries, as the page names them.
const (
	kindStep   = "step"
	kindObject = "object"
	kindEvent  = "event"
	kindCall   = "call"
	kindLog    = "log"
	kindFailed = "failed"
)

// ranks orders what happened at the same time. Objects and events know whole seconds
// only, so that they come before what they are part of.
var ranks = map[string]int{kindObject: 0, kindEvent: 1, kindStep: 2, kindCall: 3, kindLog: 4, kindFailed: 5}

// entry is one thing that happened while a spec ran.
type entry struct {
	Time time.Time
	// After is how long after the spec's start in seconds.
	After float64
	Kind  string
	// Who is the object, container or CSI method that it is about.
	Who  string
	Text string
	// Detail is more than fits on a line, such as a call's arguments.
	Detail string
	// Bad marks warnings, errors and calls that failed.
	Bad bool
	// Times is how often it was said in a row.
	Times int
}

// Limits of one entry, in bytes, and of all entries of one spec.
const (
	maxText   = 400
	maxDetail = 2000
)

// arrange orders entries, says repeated ones once, and keeps as many as fit into
// so many bytes: the first third and the rest from the end, where the reason of
// the failure is. It returns how many were left out, and after which entry.
func arrange(entries []entry, began time.Time, budget int) (kept []entry, omitted, after int) {
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(ranks[a.Kind], ranks[b.Kind])) })
	for _, e := range entries {
		e.Text, e.Detail, e.Times = shown(e.Text, maxText), shown(e.Detail, maxDetail), 1
		e.After = max(e.Time.Sub(began).Seconds(), 0)
		if n := len(kept); n > 0 && kept[n-1].Kind == e.Kind && kept[n-1].Who == e.Who && kept[n-1].Text == e.Text {
			kept[n-1].Times++
			continue
		}
		kept = append(kept, e)
	}
	head := fitting(kept, budget/3)
	backwards := slices.Clone(kept[head:])
	slices.Reverse(backwards)
	tail := fitting(backwards, budget-budget/3)
	omitted = len(kept) - head - tail
	return slices.Delete(kept, head, head+omitted), omitted, head
}

// shown makes a text of so many bytes without secrets. A secret that the first cut
// breaks in two is beyond the second.
func shown(text string, limit int) string { return cut(redact.Text(cut(text, 4*limit)), limit) }

// overhead is about what the page needs around an entry, in bytes.
const overhead = 160

// fitting is how many entries from the first on fit into so many bytes.
func fitting(entries []entry, budget int) int {
	for i, e := range entries {
		if budget -= overhead + len(html.EscapeString(e.Who+e.Text+e.Detail)); budget < 0 {
			return i
		}
	}
	return len(entries)
}

// cut shortens a text to so many bytes and says so.
func cut(text string, limit int) string {
	text = strings.TrimSpace(text)
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " …"
}
