package contract

import (
	"fmt"
	"slices"
	"strings"
)

// The labels of specs that name a clause, each followed by its id. They say which
// releases a spec is about, as far as the clause depends on that.
const (
	// checksLabel is for what the clause's sentence says.
	checksLabel = "clause:"
	// beforeLabel is for what releases older than Since do instead.
	beforeLabel = "before:"
	// bothLabel is for what holds on both sides, or for a spec that asks on which it
	// is, also where the clause says nothing of one.
	bothLabel = "both:"
	// chosenLabel is like beforeLabel, for a spec that makes the driver follow an
	// older release and so runs in every run.
	chosenLabel = "chosen:"
	// needsLabel is for a clause that a spec builds on without checking it.
	needsLabel = "needs:"
)

// OtherRelease is the name of the Ginkgo report entry of a spec that is skipped
// because it is out of scope.
const OtherRelease = "other release"

// naming are the labels that name clauses.
var naming = []string{checksLabel, beforeLabel, bothLabel, chosenLabel, needsLabel}

// named takes a label apart; ok is false when it names no clause.
func named(label string) (prefix, id string, ok bool) {
	for _, prefix := range naming {
		if id, ok := strings.CutPrefix(label, prefix); ok {
			return prefix, id, true
		}
	}
	return "", "", false
}

// OutOfScope says in one sentence why a spec with these labels says nothing of a
// Longhorn release such as 1.4, and "" when it does. Labels that the contract
// does not know are left to Compare.
func (c *Catalogue) OutOfScope(labels []string, release string) string {
	for _, label := range labels {
		prefix, id, ok := named(label)
		if !ok {
			if why := Capability(label).missing(release); why != "" {
				return why
			}
			continue
		}
		if clause, known := c.Clause(id); known {
			if why := clause.outOfScope(prefix, release); why != "" {
				return why
			}
		}
	}
	return ""
}

// outOfScope says why a label with that prefix does not fit the clause as it stands for the release.
func (c Clause) outOfScope(prefix, release string) string {
	_, applies := c.In(release)
	old := c.Since != "" && older(release, c.Since)
	switch {
	case prefix == chosenLabel, prefix == bothLabel, applies && old && prefix == beforeLabel:
		return ""
	case !applies && c.Capability.missing(release) != "":
		return c.Capability.missing(release)
	case prefix == beforeLabel && !old:
		return fmt.Sprintf("what this shows of %s ended with Longhorn %s", c.ID, c.Since)
	case !applies || old:
		return fmt.Sprintf("%s holds %s", c.ID, c.Versions())
	}
	return ""
}

// About reports whether a spec with these labels says something of the clause
// where a run follows the release. One that chose an older release says nothing
// of what newer ones do.
func (c Clause) About(labels []string, release string) bool {
	return !slices.Contains(labels, chosenLabel+c.ID) || older(release, c.Since)
}

// Uncovered returns the clauses of class M and V that hold for the release, in
// its words, and are marked as checked by specs, but are in scope of none.
func (c *Catalogue) Uncovered(specs []Spec, release string) []Clause {
	covered := map[string]bool{}
	for _, spec := range specs {
		if c.OutOfScope(spec.Labels, release) != "" {
			continue
		}
		for _, id := range IDs(spec.Labels) {
			clause, known := c.Clause(id)
			covered[id] = covered[id] || known && clause.About(spec.Labels, release)
		}
	}
	var missing []Clause
	for _, clause := range c.Clauses() {
		clause, applies := clause.In(release)
		if applies && clause.Class != Quirk && clause.Checked == BySuite && !covered[clause.ID] {
			missing = append(missing, clause)
		}
	}
	return missing
}
