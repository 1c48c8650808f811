package report

import (
	"fmt"
	"html"
)

// badgeSubject is the left half of the badge.
const badgeSubject = "Longhorn snapshots"

// Badge returns a flat SVG that says in few words how the run ended: how many of
// all selected specs passed. It refers to nothing outside of itself.
func (r *Report) Badge() []byte {
	word, color := "fail", "#b3261e"
	switch r.Verdict {
	case Passed:
		word, color = "pass", "#1a7f37"
		if r.Totals.Flaky > 0 {
			word, color = "flaky", "#9a6700"
		}
	case Interrupted:
		word, color = "interrupted", "#6e7781"
	}
	return badge(badgeSubject, fmt.Sprintf("%s %d/%d", word, r.Totals.Passed, r.Totals.all()), color)
}

// badge draws both halves. textLength makes the text fit whatever font is there.
func badge(subject, result, color string) []byte {
	left, right := badgeWidth(subject), badgeWidth(result)
	label := html.EscapeString(subject + ": " + result)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[2]s">
<title>%[2]s</title>
<clipPath id="r"><rect width="%[1]d" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="%[3]d" height="20" fill="#444c56"/><rect x="%[3]d" width="%[4]d" height="20" fill="%[5]s"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="8" y="14" textLength="%[6]d">%[7]s</text>
<text x="%[8]d" y="14" textLength="%[9]d">%[10]s</text>
</g>
</svg>
`, left+right, label, left, right, color, left-16, html.EscapeString(subject), left+8, right-16, html.EscapeString(result))
}

// badgeWidth is the width in pixels of a half with this text, 8 on either side
// of it.
func badgeWidth(text string) int { return 16 + len([]rune(text))*67/10 }
