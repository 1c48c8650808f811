package page

import (
	"fmt"
	"math"

	"github.com/muster-csi/muster/framework/report"
)

// latencies are the operations of one source, on one logarithmic axis.
type latencies struct {
	ID, Title, About string
	Rows, Rare       []latency
	Ticks            []tick
}

// latency is one operation: a line from half of them to the slowest.
type latency struct {
	report.Operation
	P50, P95, Max, Length percent
}

// often is how many times a step must have been measured to be drawn: half and 95
// of 100 of fewer say little.
const often = 2

// newLatencies draws CSI calls and steps apart: one is what the driver says, the
// other what a user waits for.
func newLatencies(operations []report.Operation) []latencies {
	groups := []latencies{
		{ID: "calls", Title: "CSI calls", About: "Calls that the driver answered with OK, as long as its log says that they took."},
		{ID: "steps", Title: "Steps of specs", About: "From the announcement of a step until the next, of specs that passed: what a user waits for, and the checks on it."},
	}
	var drawn []latencies
	for i, source := range []report.Source{report.FromCSI, report.FromSteps} {
		g := groups[i]
		for _, o := range operations {
			switch {
			case o.Source != source:
			case o.Count < often && source == report.FromSteps:
				g.Rare = append(g.Rare, latency{Operation: o})
			default:
				g.Rows = append(g.Rows, latency{Operation: o})
			}
		}
		if len(g.Rows)+len(g.Rare) > 0 {
			g.scale()
			drawn = append(drawn, g)
		}
	}
	return drawn
}

// scale puts the rows on an axis of whole powers of ten.
func (l *latencies) scale() {
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range l.Rows {
		low, high = min(low, power(row.P50Seconds)), max(high, power(row.MaxSeconds))
	}
	low, high = math.Floor(low), max(math.Ceil(high), math.Floor(low)+1)
	at := func(s float64) percent { return percent(100 * (power(s) - low) / (high - low)) }
	for i := range l.Rows {
		row := &l.Rows[i]
		row.P50, row.P95, row.Max = at(row.P50Seconds), at(row.P95Seconds), at(row.MaxSeconds)
		row.Length = row.Max - row.P50
	}
	if len(l.Rows) == 0 {
		return
	}
	for p := low; p <= high; p++ {
		l.Ticks = append(l.Ticks, tick{At: percent(100 * (p - low) / (high - low)), Text: unit(p), End: p == high})
	}
}

// power is the power of ten of a duration; less than a tenth of a millisecond is
// not told apart.
func power(s float64) float64 { return math.Log10(max(s, 1e-4)) }

// unit writes a power of ten of seconds.
func unit(p float64) string {
	if p < 0 {
		return fmt.Sprintf("%g ms", math.Pow(10, p+3))
	}
	return fmt.Sprintf("%g s", math.Pow(10, p))
}
