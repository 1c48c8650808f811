package page

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/muster-csi/muster/framework/report"
)

// shownFailure is what the page shows of one failed spec.
type shownFailure struct {
	Name, Rules, Expected, Seen, Why string
	Open                             bool
	Kinds                            []string
	Arguments                        int
}

func checkFailures(t *testing.T, b *browser, r *report.Report) {
	shown := eval[[]shownFailure](t, b, `[...document.querySelectorAll(".failure")].map(f => ({
		Name: f.querySelector("h3").textContent, Open: f.open, Rules: f.querySelector(".rules")?.textContent ?? "",
		Why: f.querySelector(".why pre")?.textContent ?? "", Expected: f.querySelector(".compare > div:not(.seen) pre")?.textContent ?? "", Seen: f.querySelector(".seen pre")?.textContent ?? "",
		Kinds: [...new Set([...f.querySelectorAll(".course .kind")].map(k => k.textContent))],
		Arguments: [...f.querySelectorAll(".course details pre")].filter(p => p.textContent.includes("request {")).length}))`)
	for _, spec := range r.Specs {
		if len(spec.Clauses) == 0 || spec.Result != report.SpecFailed && spec.Result != report.SpecFlaky {
			continue
		}
		at := slices.IndexFunc(shown, func(f shownFailure) bool { return f.Name == spec.Name })
		check(t, "a failure explains itself: "+spec.Name, func(t *testing.T) {
			if at < 0 {
				t.Fatalf("it is not shown; shown are %v", shown)
			}
			f := shown[at]
			if !f.Open || !strings.Contains(f.Rules, spec.Clauses[0]) || !strings.Contains(f.Rules, "For a user: ") {
				t.Errorf("open %t, rules %q; want it unfolded, with the rule and what it means", f.Open, f.Rules)
			}
			if f.Expected == "" || f.Seen == "" {
				t.Errorf("expected is %q and seen %q, want both", f.Expected, f.Seen)
			}
			for _, kind := range []string{"object", "event", "step", "call", "log", "failed"} {
				if !slices.Contains(f.Kinds, kind) && !(spec.Result == report.SpecFlaky && (kind == "step" || kind == "failed")) {
					t.Errorf("the course of events has %v, and nothing of kind %s", f.Kinds, kind)
				}
			}
			if _, err := os.Stat(filepath.Join("testdata", spec.Evidence, "why.txt")); (err == nil) != (f.Why != "") {
				t.Errorf("the chain to the cause is shown as %q, and in the evidence: %v", f.Why, err)
			}
			if f.Arguments == 0 {
				t.Error("no call has its arguments")
			}
		})
	}
	check(t, "a course of events can be narrowed down", func(t *testing.T) {
		const kinds = `[...new Set([...document.querySelector(".course").tBodies[0].rows].filter(visible).map(row => row.dataset.kind))].sort().join(" ")`
		all := eval[string](t, b, visible+kinds)
		b.do(t, chromedp.Click(`.kinds input[name=event]`), chromedp.Click(`.kinds input[name=log]`))
		if got, want := eval[string](t, b, visible+kinds), strings.NewReplacer("event ", "", "log ", "").Replace(all); got != want || got == all {
			t.Errorf("shown are %q, want %q", got, want)
		}
		b.do(t, chromedp.Click(`.kinds input[name=event]`), chromedp.Click(`.kinds input[name=log]`))
		if got := eval[string](t, b, visible+kinds); got != all {
			t.Errorf("afterwards shown are %q, want %q again", got, all)
		}
	})
	check(t, "no secret is shown", func(t *testing.T) {
		if text := eval[string](t, b, `document.documentElement.outerHTML`); strings.Contains(text, planted) || !strings.Contains(text, "[redacted]") {
			t.Error("a value that was planted as a secret is on the page, or nothing shows that it was withheld")
		}
	})
}
