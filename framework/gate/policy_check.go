package gate

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/muster-csi/muster/fixtures/yardsticks"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/internal/nearest"
)

// mistakes collects what is wrong with a policy.
type mistakes []error

// add takes the sentence when the thing is bad.
func (m *mistakes) add(bad bool, format string, args ...any) {
	if bad {
		*m = append(*m, fmt.Errorf(format, args...))
	}
}

// check returns everything that is wrong with the policy's values, joined, and
// writes its clauses as the contract does.
func (p *Policy) check() error {
	var found mistakes
	found.add(p.APIVersion != report.APIVersion || p.Kind != PolicyKind,
		"it must begin with apiVersion: %s and kind: %s", report.APIVersion, PolicyKind)
	found.add(p.Profiles == nil, "profiles is missing: name %s, %s or both, or write [] to ask for no clause", Core, Extended)
	for _, name := range p.Profiles {
		known := []string{Core, Extended}
		found.add(!slices.Contains(known, name), "unknown profile %q; did you mean %s?", name, nearest.Of(name, known))
	}
	for _, name := range p.Capabilities {
		_, err := contract.ParseCapability(string(name))
		found.add(err != nil, "capabilities: %w", err)
	}
	p.checkClauses(&found, "quirks", p.Quirks, true)
	p.checkClauses(&found, "unexamined", p.Unexamined, false)
	for _, name := range p.Yardsticks {
		known := yardsticks.Names()
		found.add(!slices.Contains(known, name), "unknown yardstick %q; did you mean %s?", name, nearest.Of(name, known))
	}
	found.count("retried", p.Retried)
	found.count("skipped", p.Skipped)
	found.count("leaks", p.Leaks)
	found.count("restarts", p.Restarts)
	if p.Baseline != nil {
		found.count("baseline.vanished", p.Baseline.Vanished)
		if p.Baseline.Latency != nil {
			p.Baseline.Latency.check(&found)
		}
	}
	return errors.Join(found...)
}

// checkClauses finds the clauses that a policy names, as quirks or otherwise.
func (p *Policy) checkClauses(found *mistakes, key string, ids []string, quirks bool) {
	for i, id := range ids {
		clause, err := p.catalogue.Find(id)
		found.add(err != nil, "%s: %w", key, err)
		found.add(err == nil && quirks && clause.Class != contract.Quirk,
			"%s: %s is of class %s and no quirk: leave it out; what may be violated is said by profiles and capabilities", key, id, clause.Class)
		found.add(err == nil && !quirks && clause.Class == contract.Quirk, "%s: %s is a quirk, which no profile asks for: leave it out", key, id)
		ids[i] = clause.ID
	}
}

// count refuses numbers that nothing can have.
func (m *mistakes) count(key string, n int) {
	m.add(n < 0, "%s is %d and cannot be below 0", key, n)
}

// check returns what is wrong with budgets.
func (l *Latency) check(found *mistakes) {
	found.add(l.P50 == nil && l.P95 == nil && len(l.Operations) == 0,
		"baseline.latency limits nothing: give p50, p95 or operations, or leave it out")
	found.count("baseline.latency.count", l.Count)
	found.budget("p50", l.P50)
	found.budget("p95", l.P95)
	for _, name := range slices.Sorted(maps.Keys(l.Operations)) {
		found.budget("operations."+name+".p50", l.Operations[name].P50)
		found.budget("operations."+name+".p95", l.Operations[name].P95)
	}
}

func (m *mistakes) budget(key string, b *Budget) {
	m.add(b != nil && b.Times <= 1, "baseline.latency.%s.times must be above 1, such as 1.5", key)
	m.add(b != nil && b.Seconds < 0, "baseline.latency.%s.seconds cannot be below 0", key)
}
