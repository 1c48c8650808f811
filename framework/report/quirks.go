package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// Quirk is what one spec observed where the contract prescribes nothing.
type Quirk struct {
	// Clause is the clause that the observation is about.
	Clause string `json:"clause"`
	// Observation is what was seen, in words.
	Observation string `json:"observation"`
	// Spec is the name of the spec that saw it.
	Spec string `json:"spec"`
}

// observation is the form of a report entry that is one: a clause and, after
// a colon or comma, what was seen. The rest may be the entry's value instead.
var observation = regexp.MustCompile(`(?s)^(?:observed )?([A-Z]-[0-9][0-9A-Z][a-z]?)(?:[:,] *(.*))?$`)

// quirksOf returns the observations among the report entries of a spec.
func quirksOf(s types.SpecReport) []Quirk {
	var quirks []Quirk
	for _, entry := range s.ReportEntries {
		found := observation.FindStringSubmatch(entry.Name)
		if found == nil {
			continue
		}
		text := found[2]
		if value := entry.StringRepresentation(); value != "" {
			text = strings.TrimPrefix(fmt.Sprintf("%s: %s", text, value), ": ")
		}
		quirks = append(quirks, Quirk{Clause: found[1], Observation: clean(text), Spec: s.FullText()})
	}
	return quirks
}

// sortQuirks orders by clause, then spec, and drops what was noted twice.
func sortQuirks(quirks []Quirk) []Quirk {
	sorted := append([]Quirk{}, quirks...)
	slices.SortStableFunc(sorted, func(a, b Quirk) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Spec, b.Spec))
	})
	return slices.Compact(sorted)
}
