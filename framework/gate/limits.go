package gate

import (
	"slices"

	"github.com/muster-csi/muster/framework/report"
)

// counts holds the numbers of the report against the policy's limits.
func (j *judgement) counts() {
	j.retried()
	j.leaks()
	skipped := slices.DeleteFunc(j.report.with(report.SpecSkipped), func(spec report.Spec) bool { return spec.OtherRelease })
	j.limit(quoted(names(skipped)), j.policy.Skipped, "spec was skipped", "specs were skipped")
	j.limit(j.restartNames(), j.policy.Restarts, "restart of the driver's containers", "restarts of the driver's containers")
}

// limit fails for more names than allowed, and notes fewer.
func (j *judgement) limit(names []string, allowed int, one, many string) {
	what := many
	if len(names) == 1 {
		what = one
	}
	switch {
	case len(names) > allowed:
		j.fail("%d %s, allowed %d: %s", len(names), what, allowed, list(names))
	case len(names) > 0:
		j.note("%d %s, allowed %d: %s", len(names), what, allowed, list(names))
	}
}

// retried looks at specs that did not pass at once: a pass all the same, but
// one that nobody should miss.
func (j *judgement) retried() {
	if !j.report.knowsAttempts() {
		j.miss("the report does not say how often its specs ran (key attempts): make one with this build of muster")
		return
	}
	var specs []report.Spec
	for _, spec := range j.report.Specs {
		if flaky(spec) {
			specs = append(specs, spec)
		}
	}
	j.limit(quoted(names(specs)), j.policy.Retried, "spec passed only when it was tried again", "specs passed only when they were tried again")
}

func (j *judgement) leaks() {
	if j.report.Leaks == nil {
		j.miss("the report does not say what was left behind (key leaks): make one with this build of muster")
		return
	}
	j.limit(j.report.leaks(), j.policy.Leaks, "thing was left behind", "things were left behind")
}

// restartNames names a container as often as it was started again.
func (j *judgement) restartNames() []string {
	var names []string
	for _, restart := range j.report.Restarts {
		for range restart.Count {
			names = append(names, restart.Container+" of pod "+restart.Pod)
		}
	}
	return names
}
