package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/report"
)

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
