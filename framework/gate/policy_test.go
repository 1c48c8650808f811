package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/contract"
)

func TestThePolicyOfThisBuildDecidesOnEveryQuirkThatSpecsLookFor(t *testing.T) {
	policy := standard(t)
	decided := strings.Join(policy.Quirks, " ")
	for _, clause := range catalogue(t).Clauses() {
		if clause.Class == contract.Quirk && clause.Checked == contract.BySuite && !strings.Contains(decided, clause.ID) {
			t.Errorf("fixtures/gate.yaml does not allow quirk %s, which the reference driver may show", clause.ID)
		}
	}
}

func TestThePolicyOfThisBuildHasTheDefaultNoise(t *testing.T) {
	got, want := standard(t).Baseline.Latency, Noise()
	if *got.P50 != *want.P50 || *got.P95 != *want.P95 || got.Count != want.Count {
		t.Errorf("fixtures/gate.yaml says %v %v %d, Noise %v %v %d", *got.P50, *got.P95, got.Count, *want.P50, *want.P95, want.Count)
	}
}

func TestEachMistakeInAPolicyIsNamed(t *testing.T) {
	cases := []struct{ name, old, replacement, want string }{
		{"unknown key", "leaks: 0", "leeks: 0", `unknown key "leeks"; did you mean leaks?`},
		{"unknown key below", "vanished: 0", "vanishd: 0", `unknown key "vanishd"; did you mean vanished?`},
		{"unknown key of a budget", "times: 1.5, seconds", "times: 1.5, secnds", `unknown key "secnds"; did you mean seconds?`},
		{"key given twice", "leaks: 0", "leaks: 0\nleaks: 1", `"leaks" already set`},
		{"kind", "kind: GatePolicy", "kind: Policy", "kind: GatePolicy"},
		{"no profiles", "profiles: [core, extended]", "", "profiles is missing"},
		{"profile", "[core, extended]", "[core, extnded]", `unknown profile "extnded"; did you mean extended?`},
		{"capability", "capabilities: []", "capabilities: [bka]", `unknown capability "bka"; did you mean bak?`},
		{"quirk", "- R-35 ", "- R-75 ", "quirks: there is no clause R-75; did you mean R-15?"},
		{"quirk that is none", "- R-35 ", "- R-10 ", "quirks: R-10 is of class M and no quirk"},
		{"unexamined quirk", "unexamined: []", "unexamined: [B-08]", "unexamined: B-08 is a quirk"},
		{"negative number", "skipped: 1", "skipped: -1", "skipped is -1 and cannot be below 0"},
		{"factor", "p50: {times: 1.5", "p50: {times: 0.5", "baseline.latency.p50.times must be above 1"},
		{"seconds", "seconds: 0.5}", "seconds: -1}", "baseline.latency.p95.seconds cannot be below 0"},
		{"factor of an operation", "operations: {}", "operations: {X: {p95: {seconds: 1}}}", "baseline.latency.operations.X.p95.times must be above 1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := string(fixtures.Gate)
			if !strings.Contains(text, c.old) {
				t.Fatalf("the case replaces %q, which is not in the policy", c.old)
			}
			_, err := ParsePolicy([]byte(strings.Replace(text, c.old, c.replacement, 1)), catalogue(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestSeveralMistakesAreNamedTogether(t *testing.T) {
	text := strings.NewReplacer("leaks: 0", "leaks: -1", "restarts: 0", "restarts: -1").Replace(string(fixtures.Gate))
	_, err := ParsePolicy([]byte(text), catalogue(t))
	if err == nil || !strings.Contains(err.Error(), "leaks is") || !strings.Contains(err.Error(), "restarts is") {
		t.Errorf("error is %v, want both mistakes", err)
	}
}

func TestAPolicyFileIsNamedInItsError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gate.yaml")
	if err := os.WriteFile(path, []byte("profile: [core]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPolicy(path, catalogue(t)); err == nil || !strings.Contains(err.Error(), path+": unknown key") {
		t.Errorf("error is %v", err)
	}
}
