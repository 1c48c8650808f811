package page

import (
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/report"
)

func TestAYardstickIsShownWithFailuresAndExclusions(t *testing.T) {
	r, files := sample()
	if text := render(t, r, files); strings.Contains(text, "yardsticks") {
		t.Error("nobody asked for yardsticks, and the page has a part about them")
	}
	r.Yardsticks = []report.Yardstick{{
		Name: "storage-e2e", Version: "v1.36.3", About: "Tests of others.", Result: report.YardstickFailed, Seconds: 61,
		Totals: report.Totals{Passed: 3, Failed: 1, Skipped: 2}, Excluded: 4, Trouble: []string{"something is left"},
		Failures:   []report.YardstickFailure{{Name: "grows <b>", Message: "it did not"}},
		Skipped:    []report.YardstickSkip{{Reason: "no groups", Count: 2}},
		Exclusions: []report.YardstickExclusion{{Case: "larger size", Count: 4, Because: report.BecauseContract, Clauses: []string{"R-11"}, Reason: "Sizes must be equal."}},
		Output:     "yardsticks/storage-e2e",
	}}
	text := render(t, r, files)
	must(t, text, `<a href="#yardsticks">Yardsticks <b>1</b></a>`)
	part := partOf(t, text, `<section id="yardsticks">`, "</section>")
	must(t, part, "storage-e2e v1.36.3", `<span class="chip failed">failed</span>`, `aria-label="3 passed, 1 failed, 2 skipped, 4 excluded"`,
		"something is left", "grows &lt;b&gt;", "<pre>it did not</pre>", "4 cases left out by decision", "larger size", `<a href="#clause-R-11">R-11</a>`,
		"Sizes must be equal.", "Why 2 cases did not run", "no groups", `<a href="yardsticks/storage-e2e/">`)
}
