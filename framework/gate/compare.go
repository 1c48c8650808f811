package gate

import (
	"fmt"

	"github.com/muster-csi/muster/framework/report"
)

// Comparison is what changed from one report to another. Within each list
// clauses come first, then specs, each in the order of the reports.
type Comparison struct {
	// Regressions are clauses that were met and are violated, and specs that
	// passed and fail.
	Regressions []Change
	// NewFailures are the same for what was not examined before.
	NewFailures []Change
	// NewPasses are clauses that were violated and are met, and specs that
	// failed and pass.
	NewPasses []Change
	// Unexamined are clauses and specs that had a result and have none.
	Unexamined []Change
	// Retried are specs that now pass only after another attempt.
	Retried []Change
	// Vanished are the names of specs that the new report does not have;
	// Added those that the old one has not.
	Vanished, Added []string
	// Leaks are what is left behind now, when that is more than before.
	Leaks []string
	// Slower are operations that take longer, beyond noise.
	Slower []Slowdown
	// Incomparable says why no latencies were compared, nil when they were.
	Incomparable error
	// Unmeasured are sentences on single operations that were not compared.
	Unmeasured []string
	// Notes are sentences on how the runs differ and what was not compared.
	Notes []string
}

// Change is a clause or a spec with another result.
type Change struct {
	// Kind is clause or spec.
	Kind string
	// Name is the clause's id or the spec's name.
	Name string
	// From and To are the results.
	From, To string
	// Why is the clause's sentence, or what the spec said.
	Why string
}

// Worse reports whether anything is worse than before, or not known any more.
func (c *Comparison) Worse() bool {
	return len(c.Regressions)+len(c.NewFailures)+len(c.Unexamined)+len(c.Retried)+len(c.Vanished)+len(c.Leaks)+len(c.Slower) > 0
}

// Compare says what changed from before to after. What one of them does not
// tell is noted as not comparable and is no change.
func Compare(before, after *Report, limits Latency) *Comparison {
	c := &Comparison{}
	c.clauses(before, after)
	c.specs(before, after)
	if before.Leaks != nil && len(after.Leaks) > len(before.Leaks) {
		c.Leaks = after.leaks()
	}
	c.Slower, c.Unmeasured, c.Incomparable = slower(before, after, limits)
	c.Notes = append(differences(before, after), unsaid(before, after)...)
	return c
}

// clauses compares what the reports say of each clause.
func (c *Comparison) clauses(before, after *Report) {
	was := before.statuses()
	for _, clause := range after.Clauses.Violated {
		change := Change{"clause", clause.ID, string(was[clause.ID]), string(violated), clause.Sentence}
		switch was[clause.ID] {
		case violated:
		case met:
			c.Regressions = append(c.Regressions, change)
		default:
			change.From = string(unexamined)
			c.NewFailures = append(c.NewFailures, change)
		}
	}
	for _, clause := range after.Clauses.Met {
		if was[clause.ID] == violated {
			c.NewPasses = append(c.NewPasses, Change{"clause", clause.ID, string(violated), string(met), clause.Sentence})
		}
	}
	for _, clause := range after.unexamined() {
		if from := was[clause.ID]; from == met || from == violated || from == observed {
			c.Unexamined = append(c.Unexamined, Change{"clause", clause.ID, string(from), string(unexamined), clause.Note})
		}
	}
}

// specs compares the results of each spec.
func (c *Comparison) specs(before, after *Report) {
	was := before.specs()
	for _, spec := range after.Specs {
		old, known := was[spec.Name]
		if !known {
			c.Added = append(c.Added, spec.Name)
			old.Result = "not there"
		}
		c.spec(old, spec)
	}
	is := after.specs()
	for _, spec := range before.Specs {
		if _, there := is[spec.Name]; !there {
			c.Vanished = append(c.Vanished, spec.Name)
		}
	}
}

func (c *Comparison) spec(old, now report.Spec) {
	change := Change{"spec", now.Name, string(old.Result), string(now.Result), firstLine(now.Message)}
	failed := old.Result == report.SpecFailed
	ended := passed(old) || failed
	switch {
	case now.Result == report.SpecFailed && passed(old):
		c.Regressions = append(c.Regressions, change)
	case now.Result == report.SpecFailed && !ended:
		c.NewFailures = append(c.NewFailures, change)
	case passed(now) && failed:
		c.NewPasses = append(c.NewPasses, change)
	case (now.Result == report.SpecSkipped || now.Result == report.SpecInterrupted) && ended:
		c.Unexamined = append(c.Unexamined, change)
	}
	if flaky(now) && !flaky(old) {
		change.To, change.Why = fmt.Sprintf("passed at attempt %d", now.Attempts), ""
		c.Retried = append(c.Retried, change)
	}
}

// differences says in which ways the runs are not alike.
func differences(before, after *Report) []string {
	var notes []string
	add := func(what, old, now string) {
		if old != now {
			notes = append(notes, fmt.Sprintf("%s: %s and %s", what, orAll(old), orAll(now)))
		}
	}
	add("the drivers are different", before.Implementation.Name, after.Implementation.Name)
	add("the contracts ask for different things", before.Implementation.Contract, after.Implementation.Contract)
	add("different specs were selected by focus", before.Run.Focus, after.Run.Focus)
	add("different specs were selected by labels", before.Run.Labels, after.Run.Labels)
	if before.Verdict == report.Interrupted || after.Verdict == report.Interrupted {
		notes = append(notes, "a run was interrupted: nothing follows from the specs that it lacks")
	}
	return notes
}

// unsaid says what is not compared because a report does not tell.
func unsaid(before, after *Report) []string {
	var notes []string
	if !before.knowsAttempts() || !after.knowsAttempts() {
		notes = append(notes, "a report does not say how often its specs ran (key attempts)")
	}
	if before.Leaks == nil || after.Leaks == nil {
		notes = append(notes, "a report does not say what was left behind (key leaks)")
	}
	return notes
}

// orAll writes a selection; none means all specs.
func orAll(selection string) string {
	if selection == "" {
		return "all"
	}
	return fmt.Sprintf("%q", selection)
}
