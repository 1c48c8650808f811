package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/muster-csi/muster/framework/gate"
)

// printComparison writes a list for each kind of change that there is, and last
// what they come to.
func printComparison(out io.Writer, before, after *gate.Report, c *gate.Comparison) error {
	var text strings.Builder
	fmt.Fprintf(&text, "old  %s\nnew  %s\n", describeReport(before), describeReport(after))
	changes := func(title string, all []gate.Change) {
		lines := make([]string, len(all))
		for i, change := range all {
			lines[i] = describeChange(change)
		}
		section(&text, title, lines)
	}
	changes("Regressions", c.Regressions)
	changes("New failures", c.NewFailures)
	changes("New passes", c.NewPasses)
	changes("Not examined any more", c.Unexamined)
	changes("Passed only on a retry", c.Retried)
	section(&text, "Vanished specs", c.Vanished)
	section(&text, "New specs", firstOf(c.Added, 10))
	section(&text, "Left behind", c.Leaks)
	section(&text, "Slower", sentences(c.Slower))
	notes := append(append([]string{}, c.Notes...), c.Unmeasured...)
	if c.Incomparable != nil {
		notes = append(notes, c.Incomparable.Error())
	}
	section(&text, "Not comparable", notes)
	fmt.Fprintf(&text, "\n%s\n", summary(c))
	_, err := io.WriteString(out, text.String())
	return err
}

// summary says in one line whether anything is worse, and counts what there is.
func summary(c *gate.Comparison) string {
	var parts []string
	add := func(n int, one, many string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(len(c.Regressions), "regression", "regressions")
	add(len(c.NewFailures), "new failure", "new failures")
	add(len(c.Unexamined), "result missing", "results missing")
	add(len(c.Retried), "pass only on a retry", "passes only on a retry")
	add(len(c.Vanished), "vanished spec", "vanished specs")
	add(len(c.Leaks), "thing left behind", "things left behind")
	add(len(c.Slower), "slower operation", "slower operations")
	add(len(c.NewPasses), "new pass", "new passes")
	add(len(c.Added), "new spec", "new specs")
	verdict := "not worse"
	if c.Worse() {
		verdict = "worse"
	}
	if len(parts) == 0 {
		return verdict + ": nothing changed"
	}
	return verdict + ": " + strings.Join(parts, ", ")
}

// firstOf keeps the first n of many, and says how many there are besides.
func firstOf(all []string, n int) []string {
	if len(all) <= n {
		return all
	}
	return append(append([]string{}, all[:n]...), fmt.Sprintf("and %d more", len(all)-n))
}

// describeReport names a report in one line.
func describeReport(r *gate.Report) string {
	return fmt.Sprintf("%s %s, contract %s, %s: %s, %s", r.Implementation.Name, r.Implementation.Version,
		r.Implementation.Contract, r.Date.UTC().Format("2006-01-02 15:04"), counted(len(r.Specs), "spec"), r.Verdict)
}

// describeChange writes a change in one line.
func describeChange(c gate.Change) string {
	what := fmt.Sprintf("%s %s", c.Kind, c.Name)
	if c.Kind == "spec" {
		what = fmt.Sprintf("spec %q", c.Name)
	}
	line := fmt.Sprintf("%s: %s, was %s", what, c.To, c.From)
	if c.Why != "" {
		line += " (" + strings.TrimSuffix(c.Why, ".") + ")"
	}
	return line
}

// section writes a list with its title, nothing without entries.
func section(text *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(text, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(text, "  %s\n", wrap(oneLine(line), 4))
	}
}

// sentences writes each slowdown as a line.
func sentences(all []gate.Slowdown) []string {
	lines := make([]string, len(all))
	for i, slowdown := range all {
		lines[i] = slowdown.String()
	}
	return lines
}
