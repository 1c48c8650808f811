package contract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/muster-csi/muster/internal/nearest"
)

// Spec is what the contract needs to know of one spec.
type Spec struct {
	// Name is the full text of the spec.
	Name string
	// Labels are all its Ginkgo labels.
	Labels []string
	// Serial says that it runs beside no other spec.
	Serial bool
}

// Compare returns every disagreement between the contract and the specs, each
// in one sentence, joined: a spec without a clause, a label that names no
// clause, a clause that claims a spec and has none, and a clause that has a
// spec and says that it is checked elsewhere or not at all. It returns nil when they agree.
func (c *Catalogue) Compare(specs []Spec) error {
	covered := map[string]string{}
	var found []error
	for _, spec := range specs {
		ids := IDs(spec.Labels)
		if len(ids) == 0 {
			found = append(found, fmt.Errorf("the spec %q names no clause; give it a label such as %s", spec.Name, Label("R-10")))
		}
		for _, id := range ids {
			if _, ok := c.Clause(id); !ok {
				found = append(found, fmt.Errorf("the spec %q names clause %s, which does not exist; did you mean %s?",
					spec.Name, id, nearest.Of(id, c.ids())))
			}
			covered[id] = spec.Name
		}
		found = append(found, c.wrongMarks(spec)...)
	}
	for _, clause := range c.Clauses() {
		name, has := covered[clause.ID]
		switch {
		case clause.Checked == BySuite && !has:
			found = append(found, fmt.Errorf("clause %s is marked %q, but no spec has the label %s (%s)",
				clause.ID, BySuite, Label(clause.ID), strings.TrimSuffix(clause.Sentence, ".")))
		case clause.Checked != BySuite && has:
			found = append(found, fmt.Errorf("clause %s is marked %q, but the spec %q checks it; mark it %q",
				clause.ID, clause.Checked, name, BySuite))
		}
	}
	return errors.Join(found...)
}

// wrongMarks returns what is wrong with the labels that say which releases a spec is about.
func (c *Catalogue) wrongMarks(spec Spec) []error {
	var found []error
	for _, label := range spec.Labels {
		prefix, id, ok := named(label)
		if !ok || prefix == checksLabel {
			continue
		}
		clause, known := c.Clause(id)
		switch {
		case !known && prefix == needsLabel: // the others were found already
			found = append(found, fmt.Errorf("the spec %q needs clause %s, which does not exist; did you mean %s?", spec.Name, id, nearest.Of(id, c.ids())))
		case known && (prefix == beforeLabel || prefix == chosenLabel) && clause.Before == "":
			found = append(found, fmt.Errorf("the spec %q has the label %s, but clause %s does not say what older releases do", spec.Name, label, id))
		}
	}
	return found
}

// ids returns the ids of all clauses.
func (c *Catalogue) ids() []string {
	ids := make([]string, 0, len(c.clauses))
	for _, clause := range c.Clauses() {
		ids = append(ids, clause.ID)
	}
	return ids
}
