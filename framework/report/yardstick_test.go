package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// yardsticks are one that passed and one that failed, whose texts try to be more than text.
func yardsticks() []Yardstick {
	return []Yardstick{
		{Name: "csi-sanity", Version: "v5.6.0", Result: YardstickPassed, Totals: Totals{Passed: 64, Skipped: 36}, Excluded: 1, Seconds: 16.7,
			Exclusions: []YardstickExclusion{{Case: "not | found", Count: 1, Because: BecauseContract, Clauses: []string{"H-10"}, Reason: "Handles differ."},
				{Case: "groups", Count: 2, Because: BecauseUnsupported, Reason: "There are none."}}},
		{Name: "storage-e2e", Version: "v1.36.3", Result: YardstickFailed, Totals: Totals{Passed: 100, Failed: 1, Skipped: 200}, Excluded: 10, Seconds: 1234.5,
			Trouble: []string{"1 things are left"}, Failures: []YardstickFailure{{Name: "[Driver: x] <b>grows</b>", Message: "it did not"}}},
	}
}

func TestYardsticksDoNotChangeTheVerdict(t *testing.T) {
	r := Build(input(), catalogue(t))
	before := r.Verdict
	if !r.YardsticksPassed() {
		t.Error("none were asked for, and they have not passed")
	}
	r.Yardsticks = yardsticks()
	if r.Verdict != before || r.YardsticksPassed() {
		t.Errorf("the verdict is %s, was %s; passed is %t, want false", r.Verdict, before, r.YardsticksPassed())
	}
	r.Yardsticks = r.Yardsticks[:1]
	if !r.YardsticksPassed() {
		t.Error("the only one has passed, and they have not")
	}
}

func TestTheTerminalShowsTotalsAndFailuresOfYardsticks(t *testing.T) {
	var out bytes.Buffer
	terminal := NewTerminal(&out, false)
	r := Build(input(), catalogue(t))
	r.Yardsticks = yardsticks()
	for _, y := range r.Yardsticks {
		terminal.Yardstick(y)
	}
	terminal.Verdict(r, "_output/e2e/report.html", time.Minute)
	for _, want := range []string{
		"✓ csi-sanity v5.6.0: 64 passed, 0 failed, 36 skipped, 1 excluded ", "✗ storage-e2e v1.36.3: 100 passed, 1 failed, 200 skipped, 10 excluded ",
		"trouble   1 things are left", "✗ [Driver: x] <b>grows</b>\n    because   it did not", "✗ storage-e2e v1.36.3 failed: 100 passed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	if line, _, _ := strings.Cut(out.String(), "\n"); utf8.RuneCountInString(line) != width {
		t.Errorf("the line has %d columns, want %d: %s", utf8.RuneCountInString(line), width, line)
	}
	if !strings.HasSuffix(out.String(), "\n1 passed, 1 flaky, 1 failed, 1 skipped\n") {
		t.Errorf("the totals of the specs are not last:\n%s", out.String())
	}
}

func TestTheSummaryHasARowForEachYardstick(t *testing.T) {
	r := Build(input(), catalogue(t))
	if text := string(r.Summary()); strings.Contains(text, "yardstick") {
		t.Errorf("nobody asked for yardsticks:\n%s", text)
	}
	r.Yardsticks = yardsticks()
	text := string(r.Summary())
	for _, want := range []string{
		"| csi-sanity v5.6.0: **passed** | 64 | 0 | 36 | 1 | 17 s |\n", "| storage-e2e v1.36.3: **failed** | 100 | 1 | 200 | 10 | 1234 s |\n",
		"* ✗ storage-e2e: 1 things are left\n", `* ✗ storage-e2e: \[Driver: x\] &lt;b&gt;grows&lt;/b&gt;: it did not`,
		`* csi-sanity, left out because of H-10: not \| found. Handles differ.`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "There are none.") {
		t.Errorf("the summary has an exclusion that is not about the contract:\n%s", text)
	}
}
