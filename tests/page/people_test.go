package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused describes the element that has the keyboard.
const focused = `(() => { const e = document.activeElement; return (e.closest("[data-table]")?.dataset.table ?? "") + " " + e.tagName.toLowerCase() + " " + (e.name || e.className || "") })()`

// tabs presses the tabulator until the element has the keyboard, and fails where
// something that has it cannot be seen to.
func tabs(t *testing.T, b *browser, want string) {
	t.Helper()
	const most = 150
	for range most {
		b.do(t, chromedp.KeyEvent(kb.Tab))
		if eval[string](t, b, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
			t.Errorf("%q has the keyboard and does not show it", eval[string](t, b, focused))
		}
		if eval[string](t, b, focused) == want {
			return
		}
	}
	t.Fatalf("%q does not get the keyboard by pressing the tabulator %d times; last was %q", want, most, eval[string](t, b, focused))
}

func checkKeyboard(t *testing.T, b *browser) {
	check(t, "the first key press offers to skip what comes before the verdict", func(t *testing.T) {
		tabs(t, b, " a skip")
		if left := eval[float64](t, b, `document.activeElement.getBoundingClientRect().left`); left < 0 {
			t.Error("it has the keyboard and cannot be seen")
		}
	})
	check(t, "a failure can be folded with the keyboard", func(t *testing.T) {
		tabs(t, b, " summary ")
		for _, open := range []bool{true, false} {
			before := eval[bool](t, b, `document.activeElement.parentElement.open`)
			b.do(t, chromedp.KeyEvent(kb.Enter))
			if eval[bool](t, b, `document.activeElement.parentElement.open`) == before {
				t.Errorf("Enter changes nothing (%t)", open)
			}
		}
	})
	check(t, "clauses can be filtered with the keyboard alone", func(t *testing.T) {
		tabs(t, b, "clause-table input text")
		b.do(t, chromedp.KeyEvent("R-11"), chromedp.KeyEvent(kb.Enter))
		if got := rows(t, b, "clause-table"); len(got) != 1 || got[0] != "R-11" {
			t.Errorf("shown are %v, want R-11 alone", got)
		}
		tabs(t, b, "clause-table select status")
		b.do(t, chromedp.KeyEvent("n")) // "not run"
		if got := rows(t, b, "clause-table"); len(got) > 0 {
			t.Errorf("shown are %v, want none: R-11 was run", got)
		}
	})
	check(t, "a link leads to a clause that was filtered away", func(t *testing.T) {
		eval[string](t, b, `location.hash = "#clause-R-10"`)
		b.settle(t)
		if !eval[bool](t, b, visible+`visible(document.getElementById("clause-R-10"))`) {
			t.Error("it is not shown")
		}
	})
}

// contrasts lists texts that differ too little from what is behind them: by less than
// 4.5 to 1, or 3 to 1 where they are large, as WCAG 2.2 (1.4.3) counts it.
const contrasts = `(() => {
	const parse = c => { const p = c.match(/[\d.]+/g).map(Number); return { r: p[0], g: p[1], b: p[2], a: p[3] ?? 1 } };
	const light = c => { const [r, g, b] = [c.r, c.g, c.b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
	const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c } return { r: 255, g: 255, b: 255 } };
	const bad = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node; node = walker.nextNode();) {
		const e = node.parentElement, style = getComputedStyle(e);
		if (!node.textContent.trim() || !e.getClientRects().length || ["SCRIPT", "STYLE", "TITLE", "OPTION"].includes(e.tagName.toUpperCase())) continue;
		const ink = parse(e.namespaceURI.endsWith("svg") ? style.fill : style.color), paper = behind(e);
		const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) bad.add(ratio.toFixed(2) + " " + e.tagName + "." + e.getAttribute("class") + " " + node.textContent.trim().slice(0, 30));
	}
	return [...bad].slice(0, 20);
})()`

func checkColours(t *testing.T, b *browser, scheme string) {
	check(t, "texts can be read where it is "+scheme, func(t *testing.T) {
		for _, text := range eval[[]string](t, b, contrasts) {
			t.Errorf("too little contrast: %s", text)
		}
	})
	check(t, "the page is "+scheme, func(t *testing.T) {
		var red, green, blue int
		colour := eval[string](t, b, `getComputedStyle(document.body).backgroundColor`)
		if _, err := fmt.Sscanf(colour, "rgb(%d, %d, %d)", &red, &green, &blue); err != nil {
			t.Fatalf("the background is %s: %v", colour, err)
		}
		if dark := red+green+blue < 3*64; dark != (scheme == "dark") {
			t.Errorf("the background is %s", colour)
		}
	})
}

func checkPhone(t *testing.T, b *browser) {
	check(t, "nothing lies beside a phone's screen", func(t *testing.T) {
		if wide := eval[int](t, b, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("the page is %d pixels wide, want 390", wide)
		}
		if out := eval[[]string](t, b, visible+`[...document.querySelectorAll("main *")].filter(e => visible(e) && e.getBoundingClientRect().right > 391 && !e.closest(".scroll, .tall, .hide, nav"))
			.map(e => e.tagName + "." + e.getAttribute("class")).slice(0, 10)`); len(out) > 0 {
			t.Errorf("these reach beyond it: %v", out)
		}
	})
	check(t, "texts on a phone are not tiny", func(t *testing.T) {
		if small := eval[[]string](t, b, visible+`[...document.querySelectorAll("body *")].filter(e => visible(e) && e.childElementCount === 0 && e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 12)
			.map(e => e.tagName + "." + e.getAttribute("class")).slice(0, 10)`); len(small) > 0 {
			t.Errorf("smaller than 12 pixels: %v", small)
		}
	})
	check(t, "what a finger must hit is large enough", func(t *testing.T) {
		// WCAG 2.2 (2.5.8): 24 pixels; links within a text are excepted.
		if small := eval[[]string](t, b, visible+`[...document.querySelectorAll("nav a, button, input:not([type=checkbox]), .kinds label, select, summary")].filter(e => visible(e) && e.getBoundingClientRect().height < 24 && !e.closest("td, .hide, thead"))
			.map(e => e.tagName + " " + e.textContent.trim().slice(0, 20) + " " + e.getBoundingClientRect().height).slice(0, 10)`); len(small) > 0 {
			t.Errorf("lower than 24 pixels: %v", small)
		}
	})
}
