package page

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/muster-csi/muster/framework/report"
)

// visible is a function of the page that tells whether a reader can see an element.
const visible = `var visible = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility === "visible";`

func checkVerdictAndParts(t *testing.T, b *browser, r *report.Report) {
	check(t, "the verdict comes first", func(t *testing.T) {
		first := eval[string](t, b, `document.querySelector("h1, h2, h3, table").textContent.trim().replace(/\s+/g, " ")`)
		if want := "✗ " + r.Headline(); first != want {
			t.Errorf("the page begins with %q, want %q", first, want)
		}
		if top := eval[float64](t, b, `document.querySelector("h1").getBoundingClientRect().bottom`); top > 300 {
			t.Errorf("the verdict ends %g pixels from the top, want it within the first 300", top)
		}
	})
	check(t, "every part is there and leads somewhere", func(t *testing.T) {
		want := []string{"failed", "flaky", "restarts", "leaks", "clauses", "specs", "timeline", "latency", "quirks", "environment"}
		got := eval[[]string](t, b, visible+`[...document.querySelectorAll("main > section[id]")].filter(visible).map(e => e.id)`)
		if !slices.Equal(got, want) {
			t.Errorf("parts are %v, want %v", got, want)
		}
		if dead := eval[[]string](t, b, `[...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute("href").slice(1)).filter(id => !document.getElementById(decodeURIComponent(id)))`); len(dead) > 0 {
			t.Errorf("links lead nowhere: %v", dead)
		}
	})
	check(t, "the page is small", func(t *testing.T) {
		info, err := os.Stat(filepath.Join(outputFolderOf(t, b), "report.html"))
		if err != nil || info.Size() > 3<<20 {
			t.Errorf("the page has %d bytes (%v), want at most 3 MiB", info.Size(), err)
		}
	})
	check(t, "files beside the page are linked where they are", func(t *testing.T) {
		dir := outputFolderOf(t, b)
		links := eval[[]string](t, b, `[...document.querySelectorAll('.files a')].map(a => a.getAttribute("href"))`)
		if len(links) < 10 {
			t.Errorf("only %d files are linked", len(links))
		}
		for _, link := range links {
			if _, err := os.Stat(filepath.Join(dir, link)); err != nil {
				t.Error(err)
			}
		}
	})
}

// outputFolderOf is the folder of the page that is open.
func outputFolderOf(t *testing.T, b *browser) string {
	t.Helper()
	return filepath.Dir(eval[string](t, b, `decodeURIComponent(location.pathname)`))
}

// shownFailure is what the page shows of one failed spec.
type shownFailure struct {
	Name, Rules, Expected, Seen string
	Open                        bool
	Kinds                       []string
	Arguments                   int
}

func checkFailures(t *testing.T, b *browser, r *report.Report) {
	shown := eval[[]shownFailure](t, b, `[...document.querySelectorAll(".failure")].map(f => ({
		Name: f.querySelector("h3").textContent, Open: f.open, Rules: f.querySelector(".rules")?.textContent ?? "",
		Expected: f.querySelector(".compare > div:not(.seen) pre")?.textContent ?? "", Seen: f.querySelector(".seen pre")?.textContent ?? "",
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

func checkPlots(t *testing.T, b *browser, r *report.Report) {
	check(t, "the timeline has a bar for each spec, by process", func(t *testing.T) {
		ran := 0
		for _, spec := range r.Specs {
			if spec.Process > 0 && spec.Seconds > 0 {
				ran++
			}
		}
		lanes := eval[int](t, b, `document.querySelectorAll("#timeline .strip[role=group]").length`)
		bars := eval[int](t, b, `[...document.querySelectorAll("#timeline .lanes .bar")].filter(e => e.getBoundingClientRect().width > 0.5).length`)
		if lanes != processes || bars != ran {
			t.Errorf("there are %d bars in %d rows, want %d in %d", bars, lanes, ran, processes)
		}
		if over := eval[int](t, b, `(() => { const all = [...document.querySelectorAll("#timeline .strip[role=group]")]; return all.filter(s => [...s.querySelectorAll(".bar")]
			.some(e => e.getBoundingClientRect().right > s.getBoundingClientRect().right + 1)).length })()`); over > 0 {
			t.Errorf("bars of %d rows reach beyond their row", over)
		}
	})
	check(t, "each latency is drawn on its axis", func(t *testing.T) {
		drawn := eval[[]string](t, b, `[...document.querySelectorAll(".latency tbody tr")].filter(row => { const svg = row.querySelector("svg").getBoundingClientRect();
			return ["circle", ".p95", ".max"].every(mark => { const m = row.querySelector(mark).getBoundingClientRect(); return m.width > 0 && m.left >= svg.left - 8 && m.right <= svg.right + 8 }) })
			.map(row => row.cells[0].textContent)`)
		var want []string
		for _, o := range r.Operations {
			if o.Count > 1 {
				want = append(want, o.Name)
			}
		}
		if !slices.Equal(drawn, want) {
			t.Errorf("drawn are %v, want %v", drawn, want)
		}
	})
}

func checkSilence(t *testing.T, b *browser, address string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	check(t, "nothing but the page itself was asked for", func(t *testing.T) {
		pages := 0
		for _, request := range b.requests {
			name, _, _ := strings.Cut(request, "#")
			switch {
			case name == address:
				pages++
			case name != "about:blank" && !strings.HasPrefix(name, "data:"):
				t.Errorf("the page asked for %s", request)
			}
		}
		if pages < 4 {
			t.Errorf("the page was seen to be loaded %d times, want 4: requests are not noticed", pages)
		}
	})
	check(t, "the console is empty", func(t *testing.T) {
		for _, message := range b.console {
			t.Error(fmt.Sprint("the page says ", message))
		}
	})
}
