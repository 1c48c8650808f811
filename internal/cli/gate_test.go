package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// passing is a report of which askLittle asks for no more than it has.
const passing = `apiVersion: muster-csi.github.io/v1alpha1
kind: ConformanceReport
verdict: passed
implementation: {name: reference, version: dev, contract: "1.12"}
run: {processes: 6}
leaks: []
operations:
- {name: CreateSnapshot, source: csi, count: 9, p50Seconds: 1, p95Seconds: 2}
clauses:
  met: [{id: R-11, class: M, sentence: Sizes are equal.}]
specs:
- {name: sizes, result: passed, attempts: 1, clauses: [R-11]}
`

// doctor makes the report of a run that went worse.
var doctor = strings.NewReplacer("met:", "violated:", "result: passed", "result: failed, message: too large",
	"verdict: passed", "verdict: failed", "p50Seconds: 1", "p50Seconds: 2", "leaks: []", "leaks: [{name: PersistentVolume pvc-1}]")

const askLittle = `apiVersion: muster-csi.github.io/v1alpha1
kind: GatePolicy
profiles: []
baseline: {latency: {p50: {times: 1.5, seconds: 0.1}}}
`

// file writes a text and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGateSaysWhyAndEndsWithTheCode(t *testing.T) {
	policy, old, bad := file(t, askLittle), file(t, passing), file(t, doctor.Replace(passing))
	needy := file(t, strings.Replace(askLittle, "baseline: {", "baseline: {required: true, ", 1))
	cases := []struct {
		name string
		args []string
		code int
		last string
	}{
		{"pass", []string{old, "--policy", policy, "--baseline", old}, 0, "pass"},
		{"fail", []string{bad, "--policy", policy, "--baseline", old}, 1, "fail: 3 reasons"},
		{"missing baseline", []string{old, "--policy", needy}, 2, "cannot judge: 1 reason"},
		{"clauses of muster's own policy", []string{old}, 2, "cannot judge: 1 reason"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := muster(append([]string{"gate"}, c.args...)...)
			if exitCode(err) != c.code || err != nil && !said(err) {
				t.Errorf("muster gate %v = %v, exit code %d, want %d without another message", c.args, err, exitCode(err), c.code)
			}
			if !strings.HasSuffix("\n"+out, "\n"+c.last+"\n") {
				t.Errorf("the last line is not %q:\n%s", c.last, out)
			}
		})
	}
}

func TestWhatCannotBeReadOrUnderstoodIsNoVerdict(t *testing.T) {
	good := file(t, passing)
	for want, args := range map[string][]string{
		"no such file or directory":               {"gate", "/no/such/report.yaml"},
		"the baseline: read the report":           {"gate", good, "--baseline", "/no/such/report.yaml"},
		"is not a report":                         {"gate", file(t, askLittle)},
		`unknown key "profils"; did you mean pro`: {"gate", good, "--policy", file(t, strings.Replace(askLittle, "profiles", "profils", 1))},
		"did you mean --policy? See muster gate":  {"gate", good, "--polcy", "x"},
		"see muster gate --help":                  {"gate"},
		"see muster compare --help":               {"compare", good},
		"read the report":                         {"compare", good, "/no/such/report.yaml"},
	} {
		out, err := muster(args...)
		if exitCode(err) != 2 || said(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("muster %v = %v, exit code %d, want 2 and an error with %q; printed %s", args, err, exitCode(err), want, out)
		}
	}
}

func TestCompareListsEachKindOfChange(t *testing.T) {
	old, bad := file(t, passing), file(t, doctor.Replace(passing))
	out, err := muster("compare", old, bad)
	if !errors.Is(err, errNotPassed) || exitCode(err) != 1 {
		t.Errorf("muster compare = %v, want exit code 1", err)
	}
	for _, want := range []string{
		"\nRegressions\n  clause R-11: violated, was met (Sizes are equal)\n  spec \"sizes\": failed, was passed (too large)\n",
		"\nLeft behind\n  PersistentVolume pvc-1\n",
		"\nSlower\n  CreateSnapshot is slower: median 2.00 s, was 1.00 s (2.0 times, allowed 1.5)\n",
		"\nworse: 2 regressions, 1 thing left behind, 1 slower operation\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
	out, err = muster("compare", bad, old)
	if err != nil || !strings.HasSuffix(out, "\nnot worse: 2 new passes\n") {
		t.Errorf("muster compare the other way = %v, printed\n%s", err, out)
	}
	out, err = muster("compare", old, old)
	if err != nil || !strings.HasSuffix(out, "\nnot worse: nothing changed\n") {
		t.Errorf("muster compare with itself = %v, printed\n%s", err, out)
	}
}
