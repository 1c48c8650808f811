package report

import (
	"slices"

	"github.com/muster-csi/muster/framework/contract"
)

// The names of the profiles.
const (
	// Core is what every version of Longhorn keeps: the clauses of class M.
	Core = "core"
	// Extended is what the examined version keeps and others do not: class V.
	Extended = "extended"
)

// Profile is what a run says of a class of clauses as a whole.
type Profile struct {
	// Name is core or extended, and that of a capability within Capabilities.
	Name string `json:"name"`
	// Result is pass, fail or incomplete.
	Result ProfileResult `json:"result"`
	// Met counts the clauses of the class that Clauses sorts so.
	Met int `json:"met"`
	// Violated counts those that were violated.
	Violated int `json:"violated"`
	// NotRun counts those whose specs did not run.
	NotRun int `json:"notRun"`
	// NotCovered counts those without a spec.
	NotCovered int `json:"notCovered"`
	// Capabilities say the same of the clauses of each capability that has any.
	Capabilities []Profile `json:"capabilities,omitempty"`
}

// ProfileResult is what a run says of a profile.
type ProfileResult string

// The results of a profile.
const (
	// ProfilePass means that every clause that has specs was examined and met.
	ProfilePass ProfileResult = "pass"
	// ProfileFail means that a clause was violated.
	ProfileFail ProfileResult = "fail"
	// ProfileIncomplete means that no clause was violated, and that some which
	// have specs were not examined, or none at all.
	ProfileIncomplete ProfileResult = "incomplete"
)

// profiles counts the clauses of each class that binds a driver.
func profiles(c Clauses) []Profile {
	return []Profile{profileOf(Core, contract.Must, c.All()), profileOf(Extended, contract.Versioned, c.All())}
}

func profileOf(name string, class contract.Class, clauses []RatedClause) Profile {
	clauses = slices.DeleteFunc(clauses, func(clause RatedClause) bool { return clause.Class != class })
	p := rated(name, clauses)
	for _, capability := range contract.AllCapabilities() {
		own := slices.DeleteFunc(slices.Clone(clauses), func(clause RatedClause) bool { return clause.Capability != capability })
		if part := rated(string(capability), own); part.Met+part.Violated+part.NotRun+part.NotCovered > 0 {
			p.Capabilities = append(p.Capabilities, part)
		}
	}
	return p
}

// rated counts clauses by status and draws the result.
func rated(name string, clauses []RatedClause) Profile {
	n := map[Status]int{}
	for _, clause := range clauses {
		n[clause.Status]++
	}
	p := Profile{Name: name, Met: n[StatusMet], Violated: n[StatusViolated], NotRun: n[StatusNotRun], NotCovered: n[StatusNotCovered]}
	switch {
	case p.Violated > 0:
		p.Result = ProfileFail
	case p.NotRun > 0 || p.Met == 0:
		p.Result = ProfileIncomplete
	default:
		p.Result = ProfilePass
	}
	return p
}
