package page

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/muster-csi/muster/framework/report"
)

// view is what the template shows.
type view struct {
	*report.Report
	// Mark is the verdict as one character.
	Mark string
	// Specs, Clauses and Profiles are drawn as a bar each.
	SpecTotals, ClauseTotals totals
	ProfileCards             []profileCard
	Failures, Flaky          []failure
	ClauseRows               []clauseRow
	Capabilities             []string
	SpecRows                 []specRow
	Skipped                  []specRow
	Timeline                 timeline
	Latencies                []latencies
	Quirks                   []quirk
	YardstickCards           []yardstickCard
	Versions                 []pair
	Sidecars                 []pair
	CRDs                     []pair
}

// pair is a name and what it has.
type pair struct{ Name, Value string }

func newView(r *report.Report, evidence fs.FS) view {
	v := view{Report: r, Mark: mark(r.Verdict), Timeline: newTimeline(r), Latencies: newLatencies(r.Operations),
		Versions: pairs(r.Versions), Sidecars: pairs(r.Environment.Sidecars), CRDs: pairs(r.Environment.CRDs)}
	v.SpecTotals, v.ClauseTotals = specTotals(r.Totals), clauseTotals(r.Clauses)
	for _, p := range r.Profiles {
		v.ProfileCards = append(v.ProfileCards, newProfileCard(p))
	}
	v.Failures = failures(r, evidence, report.SpecFailed, report.SpecInterrupted)
	v.Flaky = failures(r, evidence, report.SpecFlaky)
	v.SpecRows = specRows(r)
	v.ClauseRows, v.Capabilities = clauseRows(r)
	for _, row := range v.SpecRows {
		if row.Result == report.SpecSkipped {
			v.Skipped = append(v.Skipped, row)
		}
	}
	v.Quirks, v.YardstickCards = quirks(r), yardstickCards(r)
	return v
}

// Link leads to a spec.
func (v view) Link(spec string) specLink { return specLink{spec, anchors(v.Report)[spec]} }

// anchors maps the names of failed and flaky specs to the fragment of their part of the page.
func anchors(r *report.Report) map[string]string {
	all := map[string]string{}
	for _, spec := range r.Specs {
		if bad(spec.Result) && all[spec.Name] == "" {
			all[spec.Name] = fmt.Sprintf("failure-%d", len(all)+1)
		}
	}
	return all
}

// bad reports whether there is more to say of a spec with this result: it failed, if only at first.
func bad(result report.Result) bool {
	return result == report.SpecFailed || result == report.SpecInterrupted || result == report.SpecFlaky
}

func mark(verdict report.Verdict) string {
	switch verdict {
	case report.Passed:
		return "✓"
	case report.Interrupted:
		return "!"
	}
	return "✗"
}

// seconds writes a duration as a person would say it.
func seconds(s float64) string {
	switch {
	case s < 0.0005:
		return "< 1 ms"
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 100:
		return fmt.Sprintf("%.1f s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	}
	return fmt.Sprintf("%d h %02d min", int(s)/3600, int(s)%3600/60)
}

// plural writes a number and what it counts.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "ss") {
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
