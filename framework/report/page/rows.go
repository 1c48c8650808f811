package page

import (
	"slices"

	"github.com/muster-csi/muster/framework/report"
)

// clauseRow is one line of the table of clauses.
type clauseRow struct {
	report.RatedClause
	// Rank orders the statuses by how much they matter.
	Rank int
	// Examined are the specs about the clause, those that failed first.
	Examined []specLink
}

// specLink names a spec and, for a failed one, where the page shows it.
type specLink struct{ Name, Anchor string }

// specRow is one line of the table of specs.
type specRow struct {
	report.Spec
	Anchor string
}

// Link leads to the spec.
func (r specRow) Link() specLink { return specLink{r.Name, r.Anchor} }

// clauseRows returns the table and the capabilities that occur in it.
func clauseRows(r *report.Report) (rows []clauseRow, capabilities []string) {
	about := map[string][]specLink{}
	for _, row := range specRows(r) {
		for _, id := range row.Clauses {
			link := row.Link()
			if link.Anchor != "" {
				about[id] = slices.Insert(about[id], 0, link)
			} else {
				about[id] = append(about[id], link)
			}
		}
	}
	ranks := map[report.Status]int{}
	for _, clause := range r.Clauses.All() {
		if _, ok := ranks[clause.Status]; !ok {
			ranks[clause.Status] = len(ranks)
		}
		if name := string(clause.Capability); name != "" && !slices.Contains(capabilities, name) {
			capabilities = append(capabilities, name)
		}
		clause.Note = shown(clause.Note, maxText)
		rows = append(rows, clauseRow{clause, ranks[clause.Status], about[clause.ID]})
	}
	slices.Sort(capabilities)
	return rows, capabilities
}

func specRows(r *report.Report) []specRow {
	at := anchors(r)
	var rows []specRow
	for _, spec := range r.Specs {
		spec.Message = shown(spec.Message, maxText)
		rows = append(rows, specRow{spec, at[spec.Name]})
	}
	return rows
}

// quirk is an observation and the clause that leaves it open.
type quirk struct {
	report.Quirk
	Sentence string
}

func quirks(r *report.Report) []quirk {
	sentences := map[string]string{}
	for _, clause := range r.Clauses.All() {
		sentences[clause.ID] = clause.Sentence
	}
	var all []quirk
	for _, q := range r.Quirks {
		q.Observation = shown(q.Observation, maxDetail)
		all = append(all, quirk{q, sentences[q.Clause]})
	}
	return all
}
