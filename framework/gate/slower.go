package gate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/muster-csi/muster/framework/report"
)

// Slowdown is an operation that became slower.
type Slowdown struct {
	// Name is the operation's.
	Name string
	// Quantiles are the quantiles in question, the median first.
	Quantiles []Quantile
}

// Quantile is one quantile of an operation that exceeds its budget.
type Quantile struct {
	// Name is median or 95th percentile.
	Name string
	// Before and After are seconds.
	Before, After float64
	// Allowed is the factor of the budget.
	Allowed float64
}

// String is a sentence without its full stop.
func (s Slowdown) String() string {
	var parts []string
	for _, q := range s.Quantiles {
		times := "from nothing"
		if q.Before > 0 {
			times = fmt.Sprintf("%.1f times", q.After/q.Before)
		}
		parts = append(parts, fmt.Sprintf("%s %.2f s, was %.2f s (%s, allowed %.4g)", q.Name, q.After, q.Before, times, q.Allowed))
	}
	return s.Name + " is slower: " + strings.Join(parts, "; ")
}

// key tells operations apart: two sources may measure what has one name.
func key(o report.Operation) string { return string(o.Source) + "/" + o.Name }

// slower returns the operations of after that exceed their budgets, in the
// order of that report, and sentences on those that were not compared. The
// error says why none can be.
func slower(before, after *Report, limits Latency) (found []Slowdown, notes []string, err error) {
	if err := incomparable(before, after); err != nil {
		return nil, nil, err
	}
	then := map[string]report.Operation{}
	for _, operation := range before.Operations {
		then[key(operation)] = operation
	}
	var rare, gone []string
	for _, now := range after.Operations {
		was, known := then[key(now)]
		delete(then, key(now))
		if known && min(was.Count, now.Count) < limits.Count {
			rare = append(rare, now.Name)
		} else if s, slow := slowdown(was, now, limits.of(now.Name)); known && slow {
			found = append(found, s)
		}
	}
	for _, operation := range before.Operations {
		if _, left := then[key(operation)]; left {
			gone = append(gone, operation.Name)
		}
	}
	if len(rare) > 0 {
		notes = append(notes, fmt.Sprintf("not compared, because measured fewer than %d times: %s", limits.Count, list(rare)))
	}
	if len(gone) > 0 {
		notes = append(notes, "measured in the old report only: "+list(gone))
	}
	return found, notes, nil
}

// incomparable says why latencies of the reports cannot be compared, nil when
// they can.
func incomparable(before, after *Report) error {
	switch {
	case len(before.Operations) == 0 && len(after.Operations) == 0:
		return errors.New("neither report has latencies (key operations)")
	case len(before.Operations) == 0:
		return errors.New("the old report has no latencies (key operations)")
	case len(after.Operations) == 0:
		return errors.New("the new report has no latencies (key operations)")
	case before.Run.Processes != after.Run.Processes:
		return fmt.Errorf("latencies were measured with %d and with %d specs at the same time", before.Run.Processes, after.Run.Processes)
	}
	return nil
}

func slowdown(was, now report.Operation, budgets Budgets) (Slowdown, bool) {
	s := Slowdown{Name: now.Name}
	if budgets.P50.exceeded(was.P50Seconds, now.P50Seconds) {
		s.Quantiles = append(s.Quantiles, Quantile{"median", was.P50Seconds, now.P50Seconds, budgets.P50.Times})
	}
	if budgets.P95.exceeded(was.P95Seconds, now.P95Seconds) {
		s.Quantiles = append(s.Quantiles, Quantile{"95th percentile", was.P95Seconds, now.P95Seconds, budgets.P95.Times})
	}
	return s, len(s.Quantiles) > 0
}
