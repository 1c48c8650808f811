package page

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

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
