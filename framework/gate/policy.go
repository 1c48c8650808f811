package gate

import (
	"fmt"
	"os"
	"reflect"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/internal/nearest"
)

// PolicyKind is the kind of a policy's file.
const PolicyKind = "GatePolicy"

// The profiles that a policy can ask for.
const (
	// Core are the clauses of class M.
	Core = "core"
	// Extended are the clauses of class V that are in force in the release
	// that the report is about.
	Extended = "extended"
)

// Policy says what a team accepts of a report. fixtures/gate.yaml is one, and
// explains each key.
type Policy struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Profiles are core, extended, both or, as an empty list, none: their
	// clauses must have been examined and none may be violated.
	Profiles []string `json:"profiles"`
	// Capabilities narrow the profiles down; empty means all.
	Capabilities []contract.Capability `json:"capabilities,omitempty"`
	// Unexamined are clauses of the profiles that need not be examined, only
	// not be violated.
	Unexamined []string `json:"unexamined,omitempty"`
	// Quirks are the clauses of class Q that the driver may show.
	Quirks []string `json:"quirks,omitempty"`
	// Retried is how many specs may pass only after another attempt.
	Retried int `json:"retried,omitempty"`
	// Skipped is how many specs may be skipped.
	Skipped int `json:"skipped,omitempty"`
	// Leaks is how many things may be left behind.
	Leaks int `json:"leaks,omitempty"`
	// Restarts is how often containers of the driver may end by themselves.
	Restarts int `json:"restarts,omitempty"`
	// Yardsticks are test suites of others that must have passed.
	Yardsticks []string `json:"yardsticks,omitempty"`
	// Baseline is what is asked relative to an earlier report; nil means
	// nothing.
	Baseline *BaselinePolicy `json:"baseline,omitempty"`

	catalogue *contract.Catalogue
}

// BaselinePolicy is what a policy asks relative to an earlier report: nothing
// that it met is violated, and what is said here.
type BaselinePolicy struct {
	// Required says that without a comparable baseline there is no verdict.
	Required bool `json:"required,omitempty"`
	// Vanished is how many specs of the baseline may be missing.
	Vanished int `json:"vanished,omitempty"`
	// Latency says when an operation is too slow; nil means never.
	Latency *Latency `json:"latency,omitempty"`
}

// ReadPolicy loads a policy for reports on the contract.
func ReadPolicy(path string, catalogue *contract.Catalogue) (*Policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	policy, err := ParsePolicy(data, catalogue)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", path, err)
	}
	return policy, nil
}

// ParsePolicy reads a policy. Unknown keys, profiles, capabilities and clauses
// are errors that suggest the nearest; all mistakes but the first unknown key
// are returned joined.
func ParsePolicy(data []byte, catalogue *contract.Catalogue) (*Policy, error) {
	policy := &Policy{catalogue: catalogue}
	if err := yaml.UnmarshalStrict(data, policy); err != nil {
		return nil, nearest.Key(err, reflect.TypeFor[Policy]())
	}
	if err := policy.check(); err != nil {
		return nil, err
	}
	return policy, nil
}

// requires reports whether the clause must be met in a report on that release.
func (p *Policy) requires(clause report.Clause, release string) bool {
	known, ok := p.catalogue.Clause(clause.ID)
	if !ok {
		// A clause of another build: nobody has decided that it may be violated.
		return len(p.Profiles) > 0 && clause.Class != contract.Quirk
	}
	if _, holds := known.In(release); !holds {
		return false
	}
	profile := map[contract.Class]string{contract.Must: Core, contract.Versioned: Extended}[known.Class]
	return slices.Contains(p.Profiles, profile) &&
		(len(p.Capabilities) == 0 || slices.Contains(p.Capabilities, known.Capability))
}

// examinable are the clauses that must have been examined in a report on that
// release: those that it requires and that specs check.
func (p *Policy) examinable(release string) []contract.Clause {
	return slices.DeleteFunc(p.catalogue.Clauses(), func(clause contract.Clause) bool {
		return clause.Checked != contract.BySuite || slices.Contains(p.Unexamined, clause.ID) ||
			!p.requires(report.Clause{ID: clause.ID}, release)
	})
}
