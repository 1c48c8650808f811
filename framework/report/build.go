package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/contract"
)

// Input is what a report is made from.
type Input struct {
	Implementation Implementation
	Versions       map[string]string
	Run            Run
	// Suite is what the suite says of itself.
	Suite *Suite
	// Interrupted is set when somebody stopped the run.
	Interrupted bool
	// Planned is the number of specs that were selected before the run.
	Planned  int
	Restarts []Restart
	// Environment is where it ran.
	Environment Environment
	// Logs are what the driver logged meanwhile, by "pod/container". Only how
	// long CSI calls took is read from them.
	Logs map[string][]byte
}

// Build makes the report of a run against the contract.
func Build(in Input, catalogue *contract.Catalogue) *Report {
	r := &Report{
		APIVersion:     APIVersion,
		Kind:           Kind,
		Date:           in.Suite.Started.Truncate(time.Second),
		Implementation: in.Implementation,
		Versions:       in.Versions,
		Run:            in.Run,
		Specs:          in.Suite.Specs,
		Restarts:       in.Restarts,
		Clauses:        sortClauses(catalogue, in.Implementation.Contract, in.Suite),
		Environment:    in.Environment,
		Leaks:          append([]Leak{}, in.Suite.Leaks...),
		Quirks:         append([]Quirk{}, in.Suite.Quirks...),
		Operations:     operations(callDurations(in.Logs), in.Suite.steps),
	}
	r.Profiles = profiles(r.Clauses)
	r.Run.Seconds = in.Suite.Seconds
	r.Totals = count(r.Specs)
	r.Trouble = trouble(in, r.Totals)
	r.Verdict = verdict(in, r)
	return r
}

// trouble names what spoils the verdict although no spec says so.
func trouble(in Input, t Totals) []string {
	all := slices.Clone(in.Suite.Trouble)
	if missing := in.Planned - t.all(); missing > 0 && !in.Interrupted {
		all = append(all, fmt.Sprintf("%d of %d selected specs have no result: the suite ended before they ran", missing, in.Planned))
	}
	if t.Passed+t.Flaky+t.Failed == 0 && !in.Interrupted {
		all = append(all, "no spec examined anything, and so nothing can be said of the driver")
	}
	return all
}

func count(specs []Spec) Totals {
	var t Totals
	for _, spec := range specs {
		switch {
		case spec.OtherRelease:
		case spec.Result == SpecPassed:
			t.Passed++
		case spec.Result == SpecFlaky:
			t.Flaky++
		case spec.Result == SpecSkipped:
			t.Skipped++
		default:
			t.Failed++
		}
	}
	return t
}

// all is how many specs have a result.
func (t Totals) all() int { return t.Passed + t.Flaky + t.Failed + t.Skipped }

// verdict is passed only when every planned spec has a result, none failed and
// at least one passed: a run in which nothing was examined states nothing.
func verdict(in Input, r *Report) Verdict {
	switch {
	case in.Interrupted:
		return Interrupted
	case r.Totals.Failed > 0 || len(r.Trouble) > 0:
		return Failed
	}
	return Passed
}

// sortClauses sorts every clause of the contract by what the specs showed.
func sortClauses(catalogue *contract.Catalogue, release string, suite *Suite) Clauses {
	seen := outcomes(suite.Specs, func(id string, spec Spec) bool {
		clause, known := catalogue.Clause(id)
		return !known || clause.About(spec.Labels, release)
	})
	c := Clauses{Met: []Clause{}, Violated: []Clause{}, Observed: []Clause{}, NotRun: []Clause{}, NotCovered: []Clause{}, NotApplicable: []Clause{}}
	for _, clause := range catalogue.Clauses() {
		clause, applies := clause.In(release)
		c.sort(clause, applies, seen[clause.ID], suite.Quirks)
	}
	return c
}

// sort puts one clause where its outcome belongs. A clause about other releases is
// not applicable, also when a spec that ran is about it among others.
func (c *Clauses) sort(clause contract.Clause, applies bool, o *outcome, quirks []Quirk) {
	entry := Clause{ID: clause.ID, Class: clause.Class, Capability: clause.Capability, Sentence: clause.Sentence}
	if versions := clause.Versions(); strings.HasPrefix(versions, "before") {
		entry.Note = "said of releases " + versions
	}
	switch {
	case !applies:
		entry.Note = "said of other releases: " + clause.Versions()
		c.NotApplicable = append(c.NotApplicable, entry)
	case o == nil:
		entry.Note = whyNoSpec(clause)
		if clause.Checked == contract.BySuite {
			c.NotRun = append(c.NotRun, entry)
		} else {
			c.NotCovered = append(c.NotCovered, entry)
		}
	case o.ran == 0:
		entry.Note = o.whyNotRun()
		c.NotRun = append(c.NotRun, entry)
	case clause.Class == contract.Quirk:
		entry.Note = seenOf(clause.ID, quirks)
		if len(o.failed) > 0 {
			entry.Note, entry.Specs = quirkNotSeen, o.failed
		}
		c.Observed = append(c.Observed, entry)
	case len(o.failed) > 0:
		entry.Specs, entry.Means = o.failed, clause.Means
		c.Violated = append(c.Violated, entry)
	default:
		if len(o.flaky) > 0 {
			entry.Note, entry.Specs, entry.Means = "met only when it was tried again", o.flaky, clause.Means
		}
		c.Met = append(c.Met, entry)
	}
}
