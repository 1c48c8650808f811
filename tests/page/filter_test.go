package page

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

// rows are the first cells of the rows of a table that a reader sees.
func rows(t *testing.T, b *browser, table string) []string {
	t.Helper()
	b.settle(t)
	return eval[[]string](t, b, visible+fmt.Sprintf(`[...document.querySelectorAll("#%s tbody tr")].filter(visible).map(row => row.cells[0].textContent.trim())`, table))
}

// choose sets a control of a table's filter as a person does.
func choose(t *testing.T, b *browser, table, name, value string) {
	t.Helper()
	eval[bool](t, b, fmt.Sprintf(`(() => { const field = document.querySelector('form[data-table="%s"] [name="%s"]'); field.value = %q;
		field.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, table, name, value))
}

func checkFilters(t *testing.T, b *browser, r *report.Report) {
	all := r.Clauses.All()
	filter := func(name, value string, fits func(report.RatedClause) bool) {
		check(t, fmt.Sprintf("clauses can be filtered by %s %q", name, value), func(t *testing.T) {
			var want []string
			for _, clause := range all {
				if fits(clause) {
					want = append(want, clause.ID)
				}
			}
			choose(t, b, "clause-table", name, value)
			got := rows(t, b, "clause-table")
			if len(want) == 0 || len(want) == len(all) || !slices.Equal(got, want) {
				t.Errorf("shown are %v, want %v, which are some of %d", got, want, len(all))
			}
			if said, want := eval[string](t, b, `document.querySelector('form[data-table="clause-table"] output').textContent`), fmt.Sprintf("%d of %d", len(want), len(all)); said != want {
				t.Errorf("the filter says %q, want %q", said, want)
			}
			b.do(t, chromedp.Click(`form[data-table="clause-table"] button[type=reset]`))
			if got := len(rows(t, b, "clause-table")); got != len(all) {
				t.Errorf("after \"show all\" %d clauses are shown, want %d", got, len(all))
			}
		})
	}
	for _, status := range []report.Status{report.StatusViolated, report.StatusMet, report.StatusObserved, report.StatusNotRun, report.StatusNotCovered} {
		filter("status", string(status), func(c report.RatedClause) bool { return c.Status == status })
	}
	filter("class", "Q", func(c report.RatedClause) bool { return c.Class == contract.Quirk })
	filter("capability", "bak", func(c report.RatedClause) bool { return c.Capability == "bak" })
	filter("text", "R-11", func(c report.RatedClause) bool { return c.ID == "R-11" })

	check(t, "specs can be filtered and sorted", func(t *testing.T) {
		choose(t, b, "spec-table", "result", "failed")
		if got := len(rows(t, b, "spec-table")); got != r.Totals.Failed {
			t.Errorf("%d specs are shown, want the %d that failed", got, r.Totals.Failed)
		}
		choose(t, b, "spec-table", "result", "")
		b.do(t, chromedp.Click(`#spec-table thead th:nth-child(3) button`))
		times := eval[[]float64](t, b, `[...document.querySelectorAll("#spec-table tbody tr")].map(row => Number(row.cells[2].dataset.value))`)
		if len(times) != len(r.Specs) || !slices.IsSorted(times) {
			t.Errorf("sorted by time they are %v", times)
		}
	})
}
