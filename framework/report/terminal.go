package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// width is the number of columns that every line keeps to, except paths and
// messages of a failure, which are never cut.
const width = 80

// Terminal shows a run to a person, one line per finished thing. It is for
// one goroutine.
type Terminal struct {
	out   io.Writer
	color bool
}

// NewTerminal writes to out, with colours where color is set.
func NewTerminal(out io.Writer, color bool) *Terminal { return &Terminal{out: out, color: color} }

// Stage prints one finished stage of the preparation and how long it took, in
// the form in which a cluster's own steps are printed.
func (t *Terminal) Stage(name string, took time.Duration) {
	fmt.Fprintf(t.out, "  %s %s %5.1f s\n", t.mark(SpecPassed), pad(name, 28), took.Seconds())
}

// Blank prints an empty line.
func (t *Terminal) Blank() { fmt.Fprintln(t.out) }

// Note prints a sentence of its own, indented.
func (t *Terminal) Note(format string, args ...any) {
	fmt.Fprintf(t.out, "  "+format+"\n", args...)
}

// Spec prints one finished spec: the n-th of total, its result and seconds.
func (t *Terminal) Spec(n, total int, name string, result Result, seconds float64) {
	digits := len(fmt.Sprint(total))
	head := fmt.Sprintf("%*d/%d", digits, n, total)
	fmt.Fprintf(t.out, "%s %s %s %6.1f s\n", t.mark(result), head, pad(name, width-13-len(head)), seconds)
}

// Verdict prints the closing lines: what the run says of the driver, and last
// the totals alone on a line, in a form that a program can match.
func (t *Terminal) Verdict(r *Report, path string, total time.Duration) {
	t.Blank()
	for _, restart := range r.Restarts {
		fmt.Fprintf(t.out, "%s container %s of pod %s crashed %s (%s, exit code %d)\n", t.paint("33", "!"),
			restart.Container, restart.Pod, times(restart.Count), restart.Reason, restart.ExitCode)
	}
	for _, reason := range r.Trouble {
		fmt.Fprintf(t.out, "%s %s\n", t.mark(SpecFailed), reason)
	}
	c := r.Clauses
	fmt.Fprintf(t.out, "clauses: %d met, %d violated, %d observed, %d not run, %d not covered, %d of other releases\n",
		len(c.Met), len(c.Violated), len(c.Observed), len(c.NotRun), len(c.NotCovered), len(c.NotApplicable))
	fmt.Fprintf(t.out, "covered: %s\n", r.coverage())
	t.yardsticks(r)
	fmt.Fprintf(t.out, "report:  %s (report.yaml beside it for programs)\n", path)
	fmt.Fprintln(t.out, t.bold(sentence(r, total)))
	fmt.Fprintln(t.out, r.Totals)
}

// String is the totals on one line; flaky specs are named only where there are any.
func (t Totals) String() string {
	flaky := ""
	if t.Flaky > 0 {
		flaky = fmt.Sprintf("%d flaky, ", t.Flaky)
	}
	return fmt.Sprintf("%d passed, %s%d failed, %d skipped", t.Passed, flaky, t.Failed, t.Skipped)
}

// times writes how often something happened.
func times(n int32) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// sentence is the verdict in one sentence.
func sentence(r *Report, total time.Duration) string {
	took := fmt.Sprintf("%.0f s", total.Seconds())
	switch r.Verdict {
	case Passed:
		return r.Headline() + ", in " + took + "."
	case Interrupted:
		return r.Headline() + ". It was stopped after " + took + "."
	}
	return r.Headline() + ", after " + took + "."
}

func (t *Terminal) mark(result Result) string {
	switch result {
	case SpecPassed:
		return t.paint("32", "✓")
	case SpecFlaky:
		return t.paint("33", "~")
	case SpecSkipped:
		return t.paint("33", "-")
	}
	return t.paint("31", "✗")
}

func (t *Terminal) bold(text string) string { return t.paint("1", text) }

func (t *Terminal) paint(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// pad cuts or fills text to exactly n columns. What is cut is the middle: the
// beginning names the capability, the end tells similar specs apart.
func pad(text string, n int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= n {
		return string(runes) + strings.Repeat(" ", n-len(runes))
	}
	head := n * 2 / 5
	return string(runes[:head]) + "…" + string(runes[len(runes)-(n-head-1):])
}
