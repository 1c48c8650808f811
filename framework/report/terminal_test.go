package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEveryProgressLineFitsTheTerminal(t *testing.T) {
	var out bytes.Buffer
	terminal := NewTerminal(&out, false)
	terminal.Stage(strings.Repeat("very long name ", 10), 1234*time.Second)
	terminal.Spec(7, 26, strings.Repeat("größer ", 30), SpecPassed, 3.21)
	terminal.Spec(8, 26, "short", SpecFailed, 0)
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if want := "✗  8/26 short"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out.String())
	}
}

func TestTheLastLineIsTheTotalsAlone(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		NewTerminal(&out, color).Verdict(Build(input(), catalogue(t)), "_output/e2e/report.html", time.Minute)
		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if got, want := lines[len(lines)-1], "1 passed, 1 flaky, 1 failed, 1 skipped"; got != want {
			t.Errorf("last line is %q, want %q", got, want)
		}
		for _, want := range []string{"does not pass muster", "_output/e2e/report.html", "1 of 5 selected specs have no result", "container c of pod p crashed once"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("output lacks %q:\n%s", want, out.String())
			}
		}
	}
}

func TestAFailureNamesReasonPlaceAndEvidence(t *testing.T) {
	var out bytes.Buffer
	NewTerminal(&out, false).Failures(Build(input(), catalogue(t)), "_output/e2e")
	for _, want := range []string{"✗ b", "R-11 R-14", "b.go:1", "because   no", "~ d\n  flaky     it passed only at attempt 2", "because   at first", "_output/e2e/failed/b"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
}

func TestFlakySpecsAreNamedOnlyWhereThereAreAny(t *testing.T) {
	for totals, want := range map[Totals]string{
		{Passed: 3, Skipped: 1}:           "3 passed, 0 failed, 1 skipped",
		{Passed: 2, Flaky: 1, Skipped: 1}: "2 passed, 1 flaky, 0 failed, 1 skipped",
	} {
		if got := totals.String(); got != want {
			t.Errorf("totals are %q, want %q", got, want)
		}
	}
	r := &Report{Verdict: Passed, Totals: Totals{Passed: 2, Flaky: 1}}
	if got := r.Headline(); !strings.HasSuffix(got, ", 1 spec only when it was tried again") {
		t.Errorf("the headline is silent about a flaky spec: %s", got)
	}
}
