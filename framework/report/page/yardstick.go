package page

import "github.com/muster-csi/muster/framework/report"

// yardstickCard is a yardstick and the bar of its cases.
type yardstickCard struct {
	report.Yardstick
	Bar totals
}

func yardstickCards(r *report.Report) []yardstickCard {
	var cards []yardstickCard
	for _, y := range r.Yardsticks {
		cards = append(cards, yardstickCard{y, newTotals(part{Name: "passed", Style: "good", Count: y.Totals.Passed},
			part{Name: "failed", Style: "bad", Count: y.Totals.Failed}, part{Name: "skipped", Style: "none", Count: y.Totals.Skipped},
			part{Name: "excluded", Style: "blank", Count: y.Excluded})})
	}
	return cards
}
