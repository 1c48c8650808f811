package report

import (
	"fmt"
	"strings"
)

// summarizeYardsticks has a row for each yardstick, then what failed and what was
// left out because the contract differs.
func (r *Report) summarizeYardsticks(text *strings.Builder) {
	if len(r.Yardsticks) == 0 {
		return
	}
	text.WriteString("| yardstick | passed | failed | skipped | excluded | |\n|---|--:|--:|--:|--:|--:|\n")
	for _, y := range r.Yardsticks {
		fmt.Fprintf(text, "| %s: **%s** | %d | %d | %d | %d | %.0f s |\n", markdown(y.name()), y.Result,
			y.Totals.Passed, y.Totals.Failed, y.Totals.Skipped, y.Excluded, y.Seconds)
	}
	text.WriteString("\n")
	for _, y := range r.Yardsticks {
		for _, reason := range y.Trouble {
			fmt.Fprintf(text, "* ✗ %s: %s\n", markdown(y.Name), markdown(reason))
		}
		for _, failure := range y.Failures {
			fmt.Fprintf(text, "* ✗ %s: %s: %s\n", markdown(y.Name), markdown(failure.Name), markdown(failure.Message))
		}
		for _, e := range y.Exclusions {
			if e.Because == BecauseContract {
				fmt.Fprintf(text, "* %s, left out because of %s: %s. %s\n", markdown(y.Name), strings.Join(e.Clauses, ", "), markdown(e.Case), markdown(e.Reason))
			}
		}
	}
	text.WriteString("\n")
}
