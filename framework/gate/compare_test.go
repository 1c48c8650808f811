package gate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/report"
)

func TestEqualReportsHaveNoDifference(t *testing.T) {
	if diff := cmp.Diff(&Comparison{}, Compare(good(t), good(t), Noise())); diff != "" {
		t.Errorf("a report differs from itself:\n%s", diff)
	}
}

func TestWhatStaysAsBadAsItWasIsNoChange(t *testing.T) {
	bad := func() *Report {
		r := good(t)
		r.violate("R-11")
		r.leaveOut("B-23")
		r.spec("C-20").Attempts = 2
		r.Leaks = []report.Leak{{Name: "PersistentVolume pvc-1"}}
		return r
	}
	if diff := cmp.Diff(&Comparison{}, Compare(bad(), bad(), Noise())); diff != "" {
		t.Errorf("a report differs from itself:\n%s", diff)
	}
}

func TestCompareNamesEveryChange(t *testing.T) {
	before, after := good(t), good(t)
	before.violate("H-01")
	after.violate("R-11")
	after.leaveOut("B-23")
	after.spec("C-20").Attempts, after.spec("C-20").Result = 2, report.SpecFlaky
	after.Specs = append(after.Specs, report.Spec{Name: "new", Result: report.SpecFailed, Message: "no", Attempts: 1})
	before.Specs = append(before.Specs, report.Spec{Name: "old", Result: report.SpecPassed, Attempts: 1})
	before.Clauses.NotRun = append(before.Clauses.NotRun, before.take("R-15"))
	after.violate("R-15")
	before.Specs = deleteSpec(before.Specs, "checks R-15")
	after.Operations[0].P50Seconds = 0.9
	after.Leaks = []report.Leak{{Name: "PersistentVolume pvc-1"}}

	got := Compare(before, after, Noise())
	why := "because"
	sentence := func(id string) string { c, _ := catalogue(t).Clause(id); return c.Sentence }
	want := &Comparison{
		Regressions: []Change{
			{"clause", "R-11", "met", "violated", sentence("R-11")},
			{"spec", "checks R-11", "passed", "failed", why}},
		NewFailures: []Change{
			{"clause", "R-15", "not examined", "violated", sentence("R-15")},
			{"spec", "checks R-15", "not there", "failed", why},
			{"spec", "new", "not there", "failed", "no"}},
		NewPasses: []Change{
			{"clause", "H-01", "violated", "met", sentence("H-01")},
			{"spec", "checks H-01", "failed", "passed", ""}},
		Unexamined: []Change{
			{"clause", "B-23", "met", "not examined", "its specs were skipped"},
			{"spec", "checks B-23", "passed", "skipped", why}},
		Retried:  []Change{{"spec", "checks C-20", "passed", "passed at attempt 2", ""}},
		Vanished: []string{"old"},
		Added:    []string{"checks R-15", "new"},
		Leaks:    []string{"PersistentVolume pvc-1"},
		Slower:   []Slowdown{{"CreateSnapshot", []Quantile{{"median", 0.4, 0.9, 1.5}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the comparison differs:\n%s", diff)
	}
	if !got.Worse() {
		t.Error("this is not called worse")
	}
}

func deleteSpec(specs []report.Spec, name string) []report.Spec {
	var rest []report.Spec
	for _, spec := range specs {
		if spec.Name != name {
			rest = append(rest, spec)
		}
	}
	return rest
}

func TestAPassOnARetryIsNeitherAFailureNorAPass(t *testing.T) {
	flaky := good(t)
	flaky.spec("C-20").Attempts, flaky.spec("C-20").Result = 2, report.SpecFlaky
	if got := Compare(good(t), flaky, Noise()); !got.Worse() || len(got.Retried) != 1 || len(got.Regressions)+len(got.Unexamined) > 0 {
		t.Errorf("a flaky spec is compared as %+v, want it retried and nothing else", got)
	}
	failed := good(t)
	failed.end("C-20", report.SpecFailed)
	if got := Compare(flaky, failed, Noise()); len(got.Regressions) != 1 {
		t.Errorf("a flaky spec that fails now gives %+v, want a regression", got)
	}
	if got := Compare(failed, flaky, Noise()); len(got.NewPasses) != 1 || len(got.Retried) != 1 {
		t.Errorf("a failed spec that is flaky now gives %+v, want a new pass on a retry", got)
	}
}

func TestNewPassesAloneAreNotWorse(t *testing.T) {
	before := good(t)
	before.violate("H-01")
	if got := Compare(before, good(t), Noise()); got.Worse() || len(got.NewPasses) != 2 {
		t.Errorf("worse: %v, new passes: %v", got.Worse(), got.NewPasses)
	}
}

func TestNoiseIsNoSlowdown(t *testing.T) {
	cases := []struct {
		name   string
		change func(*report.Operation)
		slower bool
	}{
		{"twice as long", func(o *report.Operation) { o.P50Seconds *= 2 }, true},
		{"twice as long at the end", func(o *report.Operation) { o.P95Seconds *= 2 }, true},
		{"below the factor", func(o *report.Operation) { o.P50Seconds *= 1.4 }, false},
		{"too few measurements", func(o *report.Operation) { o.P50Seconds *= 2; o.Count = 4 }, false},
		{"faster", func(o *report.Operation) { o.P50Seconds /= 3 }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			after := good(t)
			c.change(&after.Operations[0])
			if got := Compare(good(t), after, Noise()); len(got.Slower) > 0 != c.slower {
				t.Errorf("slower: %v", got.Slower)
			}
		})
	}
	tiny := good(t)
	tiny.Operations[1].P50Seconds *= 5 // 0.04 s more
	if got := Compare(good(t), tiny, Noise()); len(got.Slower) > 0 {
		t.Errorf("hundredths of a second count: %v", got.Slower)
	}
}

func TestOperationsOfOneNameAndTwoSourcesAreTwo(t *testing.T) {
	before, after := good(t), good(t)
	step := report.Operation{Name: "CreateSnapshot", Source: "step", Count: 9, P50Seconds: 7, P95Seconds: 9}
	before.Operations, after.Operations = append(before.Operations, step), append(after.Operations, step)
	if got := Compare(before, after, Noise()); len(got.Slower) > 0 {
		t.Errorf("one was compared with the other: %v", got.Slower)
	}
}

func TestWhatIsNotComparableIsSaid(t *testing.T) {
	cases := []struct {
		name   string
		change func(before, after *Report)
		want   string
	}{
		{"no latencies before", func(b, _ *Report) { b.Operations = nil }, "the old report has no latencies"},
		{"no latencies now", func(_, a *Report) { a.Operations = nil }, "the new report has no latencies"},
		{"no latencies at all", func(b, a *Report) { b.Operations, a.Operations = nil, nil }, "neither report has latencies"},
		{"processes", func(_, a *Report) { a.Run.Processes = 2 }, "with 6 and with 2 specs at the same time"},
		{"leaks", func(b, a *Report) { b.Leaks, a.Leaks = nil, []report.Leak{{Name: "x"}} }, "key leaks"},
		{"attempts", func(b, _ *Report) {
			for i := range b.Specs {
				b.Specs[i].Attempts = 0
			}
		}, "key attempts"},
		{"contract", func(_, a *Report) { a.Implementation.Contract = "1.4" }, `"1.12" and "1.4"`},
		{"driver", func(_, a *Report) { a.Implementation.Name = "longhorn" }, `"reference" and "longhorn"`},
		{"selection", func(_, a *Report) { a.Run.Labels = "bi" }, `by labels: all and "bi"`},
		{"operation that is gone", func(_, a *Report) { a.Operations = a.Operations[1:] }, "in the old report only: CreateSnapshot"},
		{"rare operation", func(b, _ *Report) { b.Operations[0].Count = 1 }, "fewer than 5 times: CreateSnapshot"},
		{"interrupted", func(b, _ *Report) { b.Verdict = report.Interrupted }, "a run was interrupted"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before, after := good(t), good(t)
			c.change(before, after)
			got := Compare(before, after, Noise())
			said := strings.Join(append(got.Notes, got.Unmeasured...), "\n")
			if got.Incomparable != nil {
				said += got.Incomparable.Error()
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("said is %q, want %q", said, c.want)
			}
			if got.Worse() {
				t.Errorf("what is not comparable is called worse: %+v", got)
			}
		})
	}
}
