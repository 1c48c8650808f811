package report

import (
	"fmt"
	"strings"
)

// Headline is the verdict in one sentence without a full stop.
func (r *Report) Headline() string {
	who := fmt.Sprintf("The %s driver %s", r.Implementation.Name, r.Implementation.Version)
	switch r.Verdict {
	case Passed:
		return fmt.Sprintf("%s passes muster against contract %s%s", who, r.Implementation.Contract, r.Totals.onlyOnRetry())
	case Interrupted:
		return fmt.Sprintf("Interrupted: there is no verdict on the %s driver", r.Implementation.Name)
	}
	return fmt.Sprintf("%s does not pass muster against contract %s", who, r.Implementation.Contract)
}

// onlyOnRetry says how much of a pass was none at first.
func (t Totals) onlyOnRetry() string {
	switch t.Flaky {
	case 0:
		return ""
	case 1:
		return ", 1 spec only when it was tried again"
	}
	return fmt.Sprintf(", %d specs only when they were tried again", t.Flaky)
}

// Selection says which specs were selected, in one sentence, and "" for all.
func (r Run) Selection() string {
	var parts []string
	if r.Labels != "" {
		parts = append(parts, fmt.Sprintf("whose labels match %q", r.Labels))
	}
	if r.Focus != "" {
		parts = append(parts, fmt.Sprintf("whose text matches %q", r.Focus))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Only specs " + strings.Join(parts, " and ") + " were selected."
}

// sentences maps the id of each clause to what it says.
func (r *Report) sentences() map[string]string {
	sentences := map[string]string{}
	for _, clause := range r.Clauses.All() {
		sentences[clause.ID] = clause.Sentence
	}
	return sentences
}
