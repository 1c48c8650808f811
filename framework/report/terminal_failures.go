package report

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Failures prints what there is to know of each spec that failed, be it only at
// first: the message's first lines, the place, the folder with the evidence.
func (t *Terminal) Failures(r *Report, dir string) {
	for _, result := range []Result{SpecFlaky, SpecFailed} {
		for _, spec := range r.Specs {
			if spec.Result == result {
				t.failure(spec, dir)
			}
		}
	}
}

func (t *Terminal) failure(spec Spec, dir string) {
	fmt.Fprintf(t.out, "\n%s %s\n", t.mark(spec.Result), t.bold(spec.Name))
	if spec.Result == SpecFlaky {
		fmt.Fprintf(t.out, "  flaky     it passed only at attempt %d\n", spec.Attempts)
	}
	if len(spec.Clauses) > 0 {
		fmt.Fprintf(t.out, "  clauses   %s\n", strings.Join(spec.Clauses, " "))
	}
	if spec.Location != "" {
		fmt.Fprintf(t.out, "  at        %s\n", spec.Location)
	}
	for i, line := range firstLines(spec.Message, 6) {
		fmt.Fprintf(t.out, "  %-9s %s\n", map[bool]string{true: "because"}[i == 0], line)
	}
	if spec.Evidence != "" {
		fmt.Fprintf(t.out, "  evidence  %s\n", filepath.Join(dir, spec.Evidence))
	}
}

// Skipped prints each skipped spec with its reason, and those about other
// releases together: each reason with the number of its specs.
func (t *Terminal) Skipped(r *Report) {
	counts, reasons := map[string]int{}, []string{}
	for _, spec := range r.Specs {
		switch {
		case spec.OtherRelease:
			reason := first(spec.Message)
			if counts[reason]++; counts[reason] == 1 {
				reasons = append(reasons, reason)
			}
		case spec.Result == SpecSkipped:
			fmt.Fprintf(t.out, "\n%s %s\n", t.mark(SpecSkipped), spec.Name)
			for _, line := range firstLines(spec.Message, 3) {
				fmt.Fprintf(t.out, "  skipped   %s\n", line)
			}
		}
	}
	for i, reason := range reasons {
		if i == 0 {
			t.Blank()
		}
		fmt.Fprintf(t.out, "%s %s not run: %s\n", t.mark(SpecSkipped), plural(counts[reason], "spec"), reason)
	}
}

// firstLines returns the first n lines of text that are not empty.
func firstLines(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\n"); line != "" && len(lines) < n {
			lines = append(lines, line)
		}
	}
	return lines
}
