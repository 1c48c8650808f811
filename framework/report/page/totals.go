package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/muster-csi/muster/framework/report"
)

// totals are numbers that are parts of a whole.
type totals struct {
	// Label says all of them in one line, for those who do not see the bar.
	Label string
	Parts []part
}

// part is one of them.
type part struct {
	// Name says what is counted, Style how it is painted.
	Name, Style string
	Count       int
	// From and Width are percent of the bar.
	From, Width percent
}

// percent is a share of a width, as SVG writes it.
type percent float64

func (p percent) String() string { return fmt.Sprintf("%.3f%%", float64(p)) }

func newTotals(parts ...part) totals {
	all := 0
	for _, p := range parts {
		all += p.Count
	}
	t := totals{Parts: parts}
	var from percent
	var words []string
	for i, p := range parts {
		t.Parts[i].From, t.Parts[i].Width = from, percent(100*float64(p.Count)/float64(max(all, 1)))
		from += t.Parts[i].Width
		words = append(words, fmt.Sprintf("%d %s", p.Count, p.Name))
	}
	t.Label = strings.Join(words, ", ")
	return t
}

func specTotals(t report.Totals) totals {
	return newTotals(part{Name: "passed", Style: "good", Count: t.Passed}, part{Name: "flaky", Style: "warn", Count: t.Flaky}, part{Name: "failed", Style: "bad", Count: t.Failed},
		part{Name: "skipped", Style: "none", Count: t.Skipped})
}

func clauseTotals(c report.Clauses) totals {
	return newTotals(part{Name: "met", Style: "good", Count: len(c.Met)}, part{Name: "violated", Style: "bad", Count: len(c.Violated)},
		part{Name: "observed", Style: "note", Count: len(c.Observed)}, part{Name: "not run", Style: "none", Count: len(c.NotRun)},
		part{Name: "not covered", Style: "blank", Count: len(c.NotCovered)})
}

// profileCard is a profile and the bar of its clauses.
type profileCard struct {
	report.Profile
	// About says in few words which clauses are meant.
	About  string
	Totals totals
}

func newProfileCard(p report.Profile) profileCard {
	about := map[string]string{report.Core: "holds on every release (class M)", report.Extended: "holds on some releases (class V)"}
	return profileCard{Profile: p, About: about[p.Name], Totals: newTotals(part{Name: "met", Style: "good", Count: p.Met},
		part{Name: "violated", Style: "bad", Count: p.Violated}, part{Name: "not run", Style: "none", Count: p.NotRun},
		part{Name: "not covered", Style: "blank", Count: p.NotCovered})}
}

// pairs lists a map by its keys.
func pairs(m map[string]string) []pair {
	var all []pair
	for name, value := range maps.All(m) {
		all = append(all, pair{name, value})
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
