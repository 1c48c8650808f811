package gate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/report"
)

// expect compares a verdict with an outcome and the beginnings of its reasons.
func expect(t *testing.T, got Verdict, outcome Outcome, reasons ...string) {
	t.Helper()
	if got.Outcome != outcome {
		t.Errorf("the outcome is %s, want %s: %q", got.Outcome, outcome, got.Reasons)
	}
	if len(got.Reasons) != len(reasons) {
		t.Fatalf("%d reasons, want %d: %q", len(got.Reasons), len(reasons), got.Reasons)
	}
	for i, want := range reasons {
		if !strings.Contains(got.Reasons[i], want) || !strings.HasSuffix(got.Reasons[i], ".") {
			t.Errorf("reason %d is %q, want a sentence with %q", i+1, got.Reasons[i], want)
		}
	}
}

// noted fails unless one note has the text.
func noted(t *testing.T, got Verdict, text string) {
	t.Helper()
	for _, note := range got.Notes {
		if strings.Contains(note, text) {
			return
		}
	}
	t.Errorf("no note says %q: %q", text, got.Notes)
}

func TestAReportWithoutFindingsPasses(t *testing.T) {
	expect(t, Judge(standard(t), good(t), good(t)), Pass)
	alone := Judge(standard(t), good(t), nil)
	expect(t, alone, Pass)
	noted(t, alone, "without a baseline")
}

func TestADoctoredReportFailsForExactlyItsThreeReasons(t *testing.T) {
	doctored := good(t)
	doctored.violate("R-11")
	doctored.Operations[0].P50Seconds *= 2
	doctored.Operations[0].P95Seconds *= 2
	doctored.Leaks = []report.Leak{{Name: "PersistentVolume pvc-1"}}
	expect(t, Judge(standard(t), doctored, good(t)), Fail,
		`clause R-11 is violated: A claim whose size differs from the source volume's is not restored, and the event names both sizes. Failed: "checks R-11". The baseline met it`,
		"1 thing was left behind, allowed 0: PersistentVolume pvc-1",
		"CreateSnapshot is slower: median 0.80 s, was 0.40 s (2.0 times, allowed 1.5); 95th percentile 2.40 s, was 1.20 s (2.0 times, allowed 1.8)")
}

func TestEachFindingIsOneReason(t *testing.T) {
	cases := []struct {
		name    string
		doctor  func(*Report)
		outcome Outcome
		reason  string
	}{
		{"violated clause whose spec still says passed", func(r *Report) {
			r.Clauses.Violated = append(r.Clauses.Violated, r.take("R-10"))
		}, Fail, "clause R-10 is violated"},
		{"violated clause of another build", func(r *Report) {
			r.Clauses.Violated = []report.Clause{{ID: "X-99", Sentence: "Holds."}}
		}, Fail, "clause X-99 is violated: Holds."},
		{"failed spec of quirks only", func(r *Report) { r.end("R-14", report.SpecFailed) }, Fail,
			`the spec "checks R-14" failed, and passed in the baseline: because`},
		{"failed clean-up of the suite", func(r *Report) {
			r.Specs = append(r.Specs, report.Spec{Name: "suite: looking for what is left after all specs", Result: report.SpecFailed, Message: "left"})
		}, Fail, `the spec "suite: looking for what is left after all specs" failed: left`},
		{"failed without a failed spec", func(r *Report) { r.Verdict = report.Failed }, Fail, "although no spec failed"},
		{"pass on a retry", func(r *Report) { r.spec("R-10").Result, r.spec("R-10").Attempts = report.SpecFlaky, 2 }, Fail,
			`1 spec passed only when it was tried again, allowed 0: "checks R-10"`},
		{"pass on a retry in an older report", func(r *Report) { r.spec("R-10").Attempts = 2 }, Fail, `1 spec passed only when it was tried again, allowed 0: "checks R-10"`},
		{"restart", func(r *Report) {
			r.Restarts = []report.Restart{{Pod: "p", Container: "c", Count: 2}}
		}, Fail, "2 restarts of the driver's containers, allowed 0: c of pod p"},
		{"spec that is not there any more", func(r *Report) {
			r.Specs = r.Specs[1:]
		}, Fail, `1 spec of the baseline is missing, allowed 0: "checks A-01"`},
		{"clause that was not examined", func(r *Report) { r.leaveOut("H-01") }, CannotJudge,
			"1 clause that the policy asks for not examined (its specs were skipped): H-01"},
		{"clause that the report leaves out", func(r *Report) { r.take("R-10") }, CannotJudge, "(not in the report): R-10"},
		{"interrupted", func(r *Report) { r.Verdict = report.Interrupted }, CannotJudge, "the run was interrupted"},
		{"no word of leaks", func(r *Report) { r.Leaks = nil }, CannotJudge, "key leaks"},
		{"no word of attempts", func(r *Report) {
			for i := range r.Specs {
				r.Specs[i].Attempts = 0
			}
		}, CannotJudge, "key attempts"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doctored := good(t)
			c.doctor(doctored)
			expect(t, Judge(standard(t), doctored, good(t)), c.outcome, c.reason)
		})
	}
}

func TestWhatIsFoundDecidesBeforeWhatIsMissing(t *testing.T) {
	doctored := good(t)
	doctored.violate("R-11")
	doctored.Verdict, doctored.Leaks = report.Interrupted, nil
	got := Judge(standard(t), doctored, nil)
	expect(t, got, Fail, "clause R-11")
	noted(t, got, "the run was interrupted")
}

func TestWhatThePolicyAllowsIsNoted(t *testing.T) {
	policy := standard(t)
	policy.Profiles, policy.Unexamined, policy.Retried, policy.Leaks, policy.Restarts = []string{Core}, []string{"B-23"}, 1, 1, 1
	r := good(t)
	r.violate("R-13") // class V: extended
	r.leaveOut("B-23")
	r.spec("R-10").Attempts = 3
	r.Leaks = []report.Leak{{Name: "Backup backup-1"}}
	r.Restarts = []report.Restart{{Pod: "p", Container: "c", Count: 1}}
	got := Judge(policy, r, nil)
	expect(t, got, Pass)
	for _, text := range []string{"R-13 is violated", "does not ask for it", "tried again", "left behind", "skipped", "restart"} {
		noted(t, got, text)
	}
}

func TestAToleratedClauseMayNotBecomeWorseThanTheBaseline(t *testing.T) {
	policy := standard(t)
	policy.Profiles = []string{}
	before, after := good(t), good(t)
	for _, r := range []*Report{before, after} {
		r.violate("R-30")
		r.Specs = append(r.Specs, report.Spec{Name: "another", Clauses: []string{"R-30"}, Result: report.SpecPassed, Attempts: 1})
	}
	expect(t, Judge(policy, after, before), Pass)
	after.Specs[len(after.Specs)-1].Result = report.SpecFailed
	expect(t, Judge(policy, after, before), Fail, `the spec "another" failed, and passed in the baseline`)
	after.violate("R-11")
	expect(t, Judge(policy, after, before), Fail, "R-11 is violated", `the spec "another" failed`)
}

func TestQuirks(t *testing.T) {
	policy := standard(t)
	policy.Quirks = policy.Quirks[:len(policy.Quirks)-1] // without R-35
	r := good(t)
	r.Quirks = []report.Quirk{{Clause: "R-35", Observation: "the claim is Bound and empty\nmore"}}
	expect(t, Judge(policy, r, nil), Fail,
		"quirk R-35 was seen and the policy does not allow it: A handle of a backup that is unfinished or has failed restores an empty volume. Seen: the claim is Bound and empty.")
	for i := range r.Clauses.Observed {
		r.Clauses.Observed[i].Note = "seen otherwise"
	}
	expect(t, Judge(policy, r, nil), Pass)
}

func TestCapabilitiesAndReleasesNarrowTheProfiles(t *testing.T) {
	policy := standard(t)
	policy.Capabilities = append(policy.Capabilities, "bi")
	r := good(t)
	r.take("R-10") // restore
	r.take("C-42") // bi, since 1.7; before, it says something else
	expect(t, Judge(policy, r, nil), CannotJudge, "(not in the report): C-42.")

	r = good(t)
	r.Clauses.Violated = []report.Clause{{ID: "R-16", Sentence: "Can be chosen."}} // since 1.10
	expect(t, Judge(standard(t), r, nil), Fail, "R-16 is violated")
	r.Implementation.Contract = "1.9"
	expect(t, Judge(standard(t), r, nil), Pass)
}

func TestTheBaselineIsAskedForAsThePolicySays(t *testing.T) {
	policy, unmeasured := standard(t), good(t)
	unmeasured.Operations = nil
	got := Judge(policy, good(t), unmeasured)
	expect(t, got, Pass)
	noted(t, got, "latencies were not judged: the old report has no latencies")

	rare := good(t)
	rare.Operations = rare.Operations[:1]
	rare.Operations[0].Count = 2
	got = Judge(policy, rare, good(t))
	expect(t, got, Pass)
	noted(t, got, "latencies not compared, because measured fewer than 5 times: CreateSnapshot")
	noted(t, got, "latencies measured in the old report only: DeleteSnapshot")

	policy.Baseline.Required = true
	expect(t, Judge(policy, good(t), nil), CannotJudge, "--baseline")
	expect(t, Judge(policy, good(t), unmeasured), CannotJudge, "latencies cannot be judged: the old report has no latencies")

	policy.Baseline = nil
	got = Judge(policy, good(t), good(t))
	expect(t, got, Pass)
	noted(t, got, "does not ask for one")
}

func TestABudgetOfItsOwnForAnOperation(t *testing.T) {
	policy, slow := standard(t), good(t)
	slow.Operations[0].P50Seconds = 1.4
	policy.Baseline.Latency.Operations = map[string]Budgets{
		"CreateSnapshot": {P50: &Budget{Times: 4, Seconds: 1}}, "DeletSnapshot": {P50: &Budget{Times: 2}}}
	got := Judge(policy, slow, good(t))
	expect(t, got, Pass)
	noted(t, got, `"DeletSnapshot", which no report has; did you mean DeleteSnapshot?`)
	slow.Operations[0].P50Seconds = 1.8
	expect(t, Judge(policy, slow, good(t)), Fail, "CreateSnapshot is slower: median 1.80 s, was 0.40 s (4.5 times, allowed 4)")
}

func TestARunThatExaminedNothingIsNotJudged(t *testing.T) {
	policy, r := standard(t), good(t)
	policy.Profiles, policy.Skipped = []string{}, len(r.Specs)
	for i := range r.Specs {
		r.Specs[i].Result = report.SpecSkipped
	}
	expect(t, Judge(policy, r, nil), CannotJudge, "no spec passed: nothing was examined")
}

func TestJudgingChangesNothing(t *testing.T) {
	before, subject := good(t), good(t)
	subject.violate("R-11")
	Judge(standard(t), subject, before)
	want := good(t)
	want.violate("R-11")
	if diff := cmp.Diff(want, subject); diff != "" {
		t.Errorf("the report was changed:\n%s", diff)
	}
	if diff := cmp.Diff(good(t), before); diff != "" {
		t.Errorf("the baseline was changed:\n%s", diff)
	}
}

func TestSpecsOfOtherReleasesAreNoSkippedOnes(t *testing.T) {
	r := good(t)
	for range 20 {
		r.Specs = append(r.Specs, report.Spec{Name: "about another release", Result: report.SpecSkipped, OtherRelease: true})
	}
	expect(t, Judge(standard(t), r, nil), Pass)
	r.Specs[len(r.Specs)-1].OtherRelease = false
	policy := standard(t)
	policy.Skipped = 0
	expect(t, Judge(policy, r, nil), Fail, `1 spec was skipped, allowed 0: "about another release"`)
}
