package gate

import (
	"fmt"
	"slices"

	"github.com/muster-csi/muster/framework/report"
)

// Outcome is what a policy makes of a report.
type Outcome string

// The outcomes.
const (
	// Pass means that the report has everything that the policy asks for.
	Pass Outcome = "pass"
	// Fail means that it breaks a rule of the policy.
	Fail Outcome = "fail"
	// CannotJudge means that it breaks none, but that something is missing
	// without which nobody knows.
	CannotJudge Outcome = "cannot judge"
)

// Verdict is an outcome with its reasons.
type Verdict struct {
	Outcome Outcome
	// Reasons are sentences: why it fails, or what is missing. Each finding is
	// one of them, however many rules it breaks. None for Pass.
	Reasons []string
	// Notes are sentences on what a reader should know and what decided
	// nothing: what stayed within its limits, what could not be compared.
	Notes []string
}

// judgement collects findings.
type judgement struct {
	policy   *Policy
	report   *Report
	baseline *Report
	compared *Comparison

	// regressed are the clauses and specs that were well in the baseline.
	regressed map[string]bool
	// explained are the specs whose failure is part of another finding,
	// tolerated those whose clauses the policy does not ask for.
	explained, tolerated map[string]bool
	failures             []string
	missing              []string
	notes                []string
}

// Judge holds a report against the policy. The baseline is an earlier report,
// or nil.
func Judge(policy *Policy, subject, baseline *Report) Verdict {
	j := &judgement{policy: policy, report: subject, baseline: baseline,
		regressed: map[string]bool{}, explained: map[string]bool{}, tolerated: map[string]bool{}}
	j.compare()
	j.violations()
	j.quirks()
	j.failedSpecs()
	j.examined()
	j.counts()
	j.yardsticks()
	j.againstBaseline()
	j.ownVerdict()
	return j.verdict()
}

// verdict lets failures decide before what is missing: what was found is found.
func (j *judgement) verdict() Verdict {
	switch {
	case len(j.failures) > 0:
		return Verdict{Outcome: Fail, Reasons: j.failures, Notes: append(j.missing, j.notes...)}
	case len(j.missing) > 0:
		return Verdict{Outcome: CannotJudge, Reasons: j.missing, Notes: j.notes}
	}
	return Verdict{Outcome: Pass, Notes: j.notes}
}

func (j *judgement) fail(format string, args ...any) {
	j.failures = append(j.failures, statement(fmt.Sprintf(format, args...)))
}

func (j *judgement) miss(format string, args ...any) {
	j.missing = append(j.missing, statement(fmt.Sprintf(format, args...)))
}

func (j *judgement) note(format string, args ...any) {
	j.notes = append(j.notes, statement(fmt.Sprintf(format, args...)))
}

// compare looks at the baseline first: other rules want to know what was met.
func (j *judgement) compare() {
	if j.baseline == nil {
		return
	}
	limits := Latency{}
	if j.policy.Baseline != nil && j.policy.Baseline.Latency != nil {
		limits = *j.policy.Baseline.Latency
	}
	j.compared = Compare(j.baseline, j.report, limits)
	if j.policy.Baseline == nil {
		return
	}
	for _, change := range j.compared.Regressions {
		j.regressed[change.Name] = true
	}
}

// violations fails for each violated clause that the policy asks for, or that
// the baseline met. The failure of its specs is the same finding.
func (j *judgement) violations() {
	for _, clause := range j.report.Clauses.Violated {
		text := fmt.Sprintf("clause %s is violated: %s", clause.ID, statement(clause.Sentence))
		if len(clause.Specs) > 0 {
			text += " Failed: " + list(quoted(clause.Specs)) + "."
		}
		covered := j.explained
		switch {
		case j.regressed[clause.ID]:
			j.fail("%s The baseline met it", text)
		case j.policy.requires(clause, j.report.Implementation.Contract):
			j.fail("%s", text)
		default:
			covered = j.tolerated
			j.note("%s The policy does not ask for it", text)
		}
		for _, spec := range j.report.Specs {
			if slices.Contains(spec.Clauses, clause.ID) || slices.Contains(clause.Specs, spec.Name) {
				covered[spec.Name] = true
			}
		}
	}
}

// quirks fails for each quirk that was seen and is not allowed.
func (j *judgement) quirks() {
	for _, clause := range j.report.Clauses.Observed {
		if clause.Note == seenOtherwise || slices.Contains(j.policy.Quirks, clause.ID) {
			continue
		}
		text := fmt.Sprintf("quirk %s was seen and the policy does not allow it: %s", clause.ID, clause.Sentence)
		for _, quirk := range j.report.Quirks {
			if quirk.Clause == clause.ID && quirk.Observation != "" {
				text = fmt.Sprintf("%s Seen: %s", statement(text), firstLine(quirk.Observation))
				break
			}
		}
		j.fail("%s", text)
	}
}

// seenOtherwise is the note of a quirk that the driver does not have.
const seenOtherwise = "seen otherwise"

// failedSpecs fails for each failed spec that is not part of another finding.
func (j *judgement) failedSpecs() {
	for _, spec := range j.report.with(report.SpecFailed) {
		switch {
		case j.explained[spec.Name]:
		case j.regressed[spec.Name]:
			j.fail("the spec %q failed, and passed in the baseline: %s", spec.Name, firstLine(spec.Message))
		case !j.tolerated[spec.Name]:
			j.fail("the spec %q failed: %s", spec.Name, firstLine(spec.Message))
		}
	}
}

// examined misses the clauses that the policy asks for, that have specs, and
// that none of them examined, together for each cause.
func (j *judgement) examined() {
	state, notes := j.report.statuses(), map[string]string{}
	for _, clause := range j.report.unexamined() {
		notes[clause.ID] = clause.Note
	}
	ids := map[string][]string{}
	var causes []string
	for _, clause := range j.policy.examinable(j.report.Implementation.Contract) {
		if state[clause.ID] == met || state[clause.ID] == violated {
			continue
		}
		cause := notes[clause.ID]
		if cause == "" {
			cause = "not in the report"
		}
		if ids[cause] == nil {
			causes = append(causes, cause)
		}
		ids[cause] = append(ids[cause], clause.ID)
	}
	for _, cause := range causes {
		j.miss("%s that the policy asks for not examined (%s): %s", counted(len(ids[cause]), "clause"), cause, list(ids[cause]))
	}
}

// ownVerdict takes over what the run says of itself, when nothing else does.
func (j *judgement) ownVerdict() {
	switch {
	case j.report.Verdict == report.Interrupted:
		j.miss("the run was interrupted: let one end")
	case j.report.Verdict == report.Failed && len(j.report.with(report.SpecFailed))+len(j.report.Clauses.Violated) == 0:
		j.fail("the run did not pass although no spec failed: it ended early, or the driver could not be looked at; see suite.log beside the report")
	case !slices.ContainsFunc(j.report.Specs, passed):
		j.miss("no spec passed: nothing was examined")
	}
}
