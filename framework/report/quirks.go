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
	// Presence says whether the driver has the quirk: present or absent, or ""
	// when the spec did not say.
	Presence Presence `json:"presence,omitempty"`
	// Observation is what was seen, in words.
	Observation string `json:"observation"`
	// Spec is the name of the spec that saw it.
	Spec string `json:"spec"`
}

// Presence says whether a driver has a quirk.
type Presence string

// What specs say of a quirk. One that they are silent on has neither.
const (
	Present Presence = "present"
	Absent  Presence = "absent"
)

// observation is the form of a report entry that is one: a clause, whether the
// driver has that quirk, and, after a colon or comma, what was seen. The rest
// may be the entry's value instead.
var observation = regexp.MustCompile(`(?s)^(?:observed )?([A-Z]-[0-9][0-9A-Z][a-z]?)(?:: (present|absent))?(?:[:,] *(.*))?$`)

// quirksOf returns the observations among the report entries of a spec.
func quirksOf(s types.SpecReport) []Quirk {
	var quirks []Quirk
	for _, entry := range s.ReportEntries {
		found := observation.FindStringSubmatch(entry.Name)
		if found == nil {
			continue
		}
		text := found[3]
		if value := entry.StringRepresentation(); value != "" {
			text = strings.TrimPrefix(fmt.Sprintf("%s: %s", text, value), ": ")
		}
		quirks = append(quirks, Quirk{Clause: found[1], Presence: Presence(found[2]), Observation: clean(text), Spec: s.FullText()})
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

// seenOf says of a quirk what the observations of it come to, for the note of
// its clause. One spec that met it is enough.
func seenOf(clause string, quirks []Quirk) string {
	note := quirkSilent
	for _, quirk := range quirks {
		switch {
		case quirk.Clause != clause:
		case quirk.Presence == Present:
			return quirkSeen
		case quirk.Presence == Absent:
			note = quirkNotSeen
		}
	}
	return note
}

// The notes of a quirk whose specs ran. What is not said to be absent is not
// taken for it.
const (
	quirkSeen    = "seen as Longhorn does it"
	quirkNotSeen = "seen otherwise"
	quirkSilent  = "looked for, and not said whether it is there"
)
