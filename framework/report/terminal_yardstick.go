package report

import "fmt"

// Yardstick prints one finished yardstick: its totals, and what failed.
func (t *Terminal) Yardstick(y Yardstick) {
	fmt.Fprintf(t.out, "%s %s %6.1f s\n", t.yardstickMark(y.Result), pad(y.name()+": "+y.totals(), width-11), y.Seconds)
	for _, reason := range y.Trouble {
		fmt.Fprintf(t.out, "  trouble   %s\n", reason)
	}
	for _, failure := range y.Failures {
		fmt.Fprintf(t.out, "  %s %s\n    because   %s\n", t.mark(SpecFailed), failure.Name, failure.Message)
	}
}

// yardsticks says again at the end how each one went.
func (t *Terminal) yardsticks(r *Report) {
	for _, y := range r.Yardsticks {
		fmt.Fprintf(t.out, "%s %s %s: %s\n", t.yardstickMark(y.Result), y.name(), y.Result, y.totals())
	}
}

func (t *Terminal) yardstickMark(result YardstickResult) string {
	switch result {
	case YardstickPassed:
		return t.mark(SpecPassed)
	case YardstickInterrupted:
		return t.mark(SpecSkipped)
	}
	return t.mark(SpecFailed)
}

// name is that of the yardstick with its version.
func (y Yardstick) name() string { return y.Name + " " + y.Version }

// totals counts the yardstick's cases in words.
func (y Yardstick) totals() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped, %d excluded", y.Totals.Passed, y.Totals.Failed, y.Totals.Skipped, y.Excluded)
}
