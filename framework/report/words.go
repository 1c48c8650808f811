package report

import (
	"fmt"
	"strings"

	"github.com/muster-csi/muster/framework/contract"
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

// coverage says how many of the clauses that bind a driver, hold for the release
// and can be seen by specs were not examined, and names them.
func (r *Report) coverage() string {
	examined, missing := 0, []string{}
	for _, clause := range r.Clauses.All() {
		switch {
		case clause.Class == contract.Quirk:
		case clause.Status == StatusMet || clause.Status == StatusViolated:
			examined++
		case clause.Status == StatusNotRun:
			missing = append(missing, clause.ID)
		}
	}
	text := fmt.Sprintf("%d of the %d observable M and V clauses of contract %s", examined, examined+len(missing), r.Implementation.Contract)
	if few := 8; len(missing) > few {
		return fmt.Sprintf("%s, %d uncovered", text, len(missing))
	} else if len(missing) > 0 {
		return fmt.Sprintf("%s, uncovered: %s", text, strings.Join(missing, " "))
	}
	return text + ", none uncovered"
}

// plural writes a number of things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
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
