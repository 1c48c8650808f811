package page

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/report"
)

func TestEveryFilterHasItsAttributeInEveryRow(t *testing.T) {
	r, files := sample()
	text := render(t, r, files)
	for _, id := range []string{"clause-table", "spec-table"} {
		form := partOf(t, text, `data-table="`+id+`"`, "</form>")
		rows := strings.Split(partOf(t, partOf(t, text, `<table id="`+id+`"`, "</table>"), "<tbody>", "</tbody>"), "<tr ")[1:]
		if len(rows) < 3 {
			t.Fatalf("%s has %d rows", id, len(rows))
		}
		for _, control := range regexp.MustCompile(`<select name="(\w+)">(.*?)</select>`).FindAllStringSubmatch(form, -1) {
			var values []string
			for _, row := range rows {
				value := regexp.MustCompile(`\bdata-` + control[1] + `="([^"]*)"`).FindStringSubmatch(row)
				if value == nil {
					t.Errorf("%s has a filter %s, and a row without data-%s", id, control[1], control[1])
					continue
				}
				values = append(values, value[1])
			}
			slices.Sort(values)
			for _, value := range slices.Compact(values) {
				if !strings.Contains(control[2], ">"+value+"<") && !strings.Contains(control[2], `value="`+value+`"`) {
					t.Errorf("the filter %s of %s cannot be set to %q", control[1], id, value)
				}
			}
		}
	}
}

func TestClausesNameTheirSpecsThoseThatFailedFirst(t *testing.T) {
	r, files := sample()
	text := render(t, r, files)
	row := partOf(t, text, `id="clause-R-14"`, "</tr>")
	must(t, row, "2 specs", `<a href="#failure-1">restore fails</a>`, "<li>restore passes</li>")
	if strings.Index(row, "restore fails") > strings.Index(row, "restore passes") {
		t.Error("the spec that failed comes second")
	}
}

func TestTheTimelineHasABarForEachSpecThatRan(t *testing.T) {
	r, _ := sample()
	line := newTimeline(r)
	if len(line.Lanes) != 2 || len(line.Lanes[0].Bars) != 1 || len(line.Lanes[1].Bars) != 1 {
		t.Fatalf("lanes are %+v, want two with a bar each", line.Lanes)
	}
	passed, failed := line.Lanes[0].Bars[0], line.Lanes[1].Bars[0]
	if passed.From.String() != "16.667%" || passed.Width.String() != "83.333%" || passed.Anchor != "" {
		t.Errorf("the bar of the spec that passed is %+v, want it from 5 s to 30 s", passed)
	}
	if failed.From != 0 || failed.Width.String() != "40.000%" || failed.Anchor != "failure-1" || failed.Style != "failed" {
		t.Errorf("the bar of the spec that failed is %+v, want it from 0 s to 12 s, leading to its failure", failed)
	}
	if empty := newTimeline(&report.Report{}); len(empty.Lanes) > 0 {
		t.Errorf("a report without specs has lanes: %+v", empty.Lanes)
	}
}

func TestLatenciesAreOnOneAxisOfWholePowersOfTen(t *testing.T) {
	groups := newLatencies([]report.Operation{
		{Name: "a", Source: report.FromCSI, Count: 1, P50Seconds: 0.01, P95Seconds: 0.1, MaxSeconds: 1},
		{Name: "b", Source: report.FromCSI, Count: 9, P50Seconds: 0.0001, P95Seconds: 0.1, MaxSeconds: 0.1},
		{Name: "once", Source: report.FromSteps, Count: 1, P50Seconds: 1, P95Seconds: 1, MaxSeconds: 1},
	})
	if len(groups) != 2 || len(groups[0].Rows) != 2 || len(groups[1].Rows) != 0 || len(groups[1].Rare) != 1 {
		t.Fatalf("groups are %+v, want two calls drawn and one step listed", groups)
	}
	if a := groups[0].Rows[0]; a.P50 != 50 || a.P95 != 75 || a.Max != 100 || a.Length != 50 {
		t.Errorf("a is drawn from %s over %s to %s", a.P50, a.P95, a.Max)
	}
	var ticks []string
	for _, tick := range groups[0].Ticks {
		ticks = append(ticks, tick.Text)
	}
	if got := strings.Join(ticks, " | "); got != "0.1 ms | 1 ms | 10 ms | 100 ms | 1 s" {
		t.Errorf("the axis is %s", got)
	}
}

func TestSecondsAreWrittenAsPeopleSayThem(t *testing.T) {
	for s, want := range map[float64]string{0: "< 1 ms", 0.012: "12 ms", 3.04: "3.0 s", 99.5: "99.5 s", 150: "2 min 30 s", 4000: "1 h 06 min"} {
		if got := seconds(s); got != want {
			t.Errorf("seconds(%g) = %q, want %q", s, got, want)
		}
	}
}
