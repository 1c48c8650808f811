package report

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/contract"
)

const clauses = `
section: Restore
clauses:
- {id: R-10, class: M, capability: restore, sentence: Bytes are kept., means: Bytes are lost., source: x, checked: suite}
- {id: R-11, class: M, capability: limits, sentence: Sizes are equal., means: Data is cut off., source: x, checked: suite}
- {id: R-12, class: M, sentence: Missing is refused., source: x, checked: driver}
- {id: R-14, class: Q, sentence: The new size counts., source: x, checked: suite}
- {id: R-17, class: M, sentence: A clone is retried., source: x, checked: open, reason: needs a fault}
- {id: R-22, class: M, sentence: A clone is independent., source: x, checked: suite}
- {id: R-23, class: V, since: "1.5", capability: restore, sentence: Detached works., before: Detached is refused., source: x, checked: suite}
- {id: R-24, class: V, until: "1.4", capability: restore, sentence: An old way works., source: x, checked: suite}
`

func catalogue(t *testing.T) *contract.Catalogue {
	t.Helper()
	c, err := contract.Parse(fstest.MapFS{"x.yaml": {Data: []byte(clauses)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// began is when the example ran.
var began = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

func input() Input {
	return Input{
		Implementation: Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Versions:       map[string]string{"kubernetes": "v1.36.3"},
		Run:            Run{ID: "k7xq2b", Focus: "restore", Labels: "restore", Processes: 4, Retries: 2, Shards: []Shard{{Name: "1", Specs: 4, Pod: "p", Node: "n", Lost: "it was evicted"}}},
		Planned:        5,
		Suite: &Suite{
			Started: began,
			Seconds: 12.5,
			Specs: []Spec{
				{Name: "a", Labels: []string{"restore"}, Clauses: []string{"R-10", "R-11"}, Result: SpecPassed, Seconds: 1.5},
				{Name: "b", Clauses: []string{"R-11", "R-14"}, Result: SpecFailed, Started: began, Seconds: 2, Attempts: 1, Process: 2, Shard: "1", Message: "no",
					Further: []string{"after the spec: no"}, Steps: []Step{{Text: "restoring", Started: began, Seconds: 1}}, Location: "b.go:1", Evidence: "failed/b"},
				{Name: "c", Clauses: []string{"R-22"}, Result: SpecSkipped, Message: "cannot"},
				{Name: "d", Clauses: []string{"R-10", "R-23"}, Result: SpecFlaky, Attempts: 2, Message: "at first"},
			},
			Leaks:  []Leak{{Name: "PersistentVolume pvc-1", Spec: "b"}},
			Quirks: []Quirk{{Clause: "R-14", Presence: Present, Observation: "refused", Spec: "b"}},
			steps:  durations{"restoring": {3, 1, 2}},
		},
		Environment: environment(),
		Logs:        map[string][]byte{"p/c": []byte(`{"msg":"CSI call","method":"CreateSnapshot","code":"OK","seconds":0.25}`)},
		Restarts:    []Restart{{Pod: "p", Container: "c", Count: 1, Reason: "Error", ExitCode: 2}},
	}
}

func environment() Environment {
	e := NewEnvironment("embedded", map[string]string{"kubernetes": "v1.36.3", "csi-snapshotter": "v8.7.0", "snapshot-crds": "v6.3.0"},
		[]Node{{Name: "n", Kernel: "6.1.0", OS: "Debian", Architecture: "amd64", CPUs: 2, MemoryBytes: 1 << 30, ContainerRuntime: "containerd://2.4.2"}})
	e.ISCSI, e.Changes = "in user space", []string{"ConfigMap c: one replica, because there is one node"}
	return e
}

func TestAReportSurvivesItsFile(t *testing.T) {
	want := Build(input(), catalogue(t))
	want.Yardsticks = yardsticks()
	want.Environment.NFSClient = "user space"
	everyFieldIsSet(t, reflect.ValueOf(*want), "Report")
	path := filepath.Join(t.TempDir(), "out", "report.yaml")
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report changed on its way through the file:\n%s", diff)
	}
}

// everyFieldIsSet keeps the round trip honest: a new field that the example
// leaves empty would be tested by nobody.
func everyFieldIsSet(t *testing.T, v reflect.Value, at string) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() || v.Kind() != reflect.Struct {
		if v.IsZero() {
			t.Errorf("the example leaves %s empty", at)
		}
		return
	}
	for i := range v.NumField() {
		everyFieldIsSet(t, v.Field(i), at+"."+v.Type().Field(i).Name)
	}
}

func TestReadRefusesUnknownKeysAndOtherForms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.yaml")
	for text, want := range map[string]string{
		"apiVersion: " + APIVersion + "\nkind: " + Kind + "\nverdikt: passed\n": "verdikt",
		"apiVersion: other/v1\nkind: " + Kind + "\n":                            "other/v1",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that names %q", err, want)
		}
	}
}

func TestClausesAreSortedByWhatTheSpecsShowed(t *testing.T) {
	c := Build(input(), catalogue(t)).Clauses
	ids := func(list []Clause) string {
		var all []string
		for _, clause := range list {
			all = append(all, clause.ID)
		}
		return strings.Join(all, " ")
	}
	got := []string{ids(c.Met), ids(c.Violated), ids(c.Observed), ids(c.NotRun), ids(c.NotCovered), ids(c.NotApplicable)}
	if diff := cmp.Diff([]string{"R-10 R-23", "R-11", "R-14", "R-22", "R-12 R-17", "R-24"}, got); diff != "" {
		t.Errorf("met, violated, observed, not run, not covered, not applicable:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b"}, c.Violated[0].Specs); diff != "" {
		t.Errorf("specs of the violated clause:\n%s", diff)
	}
	if met := c.Met[1]; met.Note != "met only when it was tried again" || met.Specs[0] != "d" {
		t.Errorf("a clause that was met by a flaky spec is %+v, want that said", met)
	}
	if c.Violated[0].Means != "Data is cut off." {
		t.Errorf("the violated clause means %q, want what it does to a user", c.Violated[0].Means)
	}
	for i, clause := range slices.Concat(c.NotCovered, c.NotRun, c.NotApplicable) {
		if want := []string{"component tests", "needs a fault", "skipped", "to 1.4"}[i]; !strings.Contains(clause.Note, want) {
			t.Errorf("the note of %s is %q, want one on %q", clause.ID, clause.Note, want)
		}
	}
}

func TestAnInterruptedSpecViolatesNothing(t *testing.T) {
	in := input()
	in.Suite.Specs[1].Result = SpecInterrupted
	r := Build(in, catalogue(t))
	if len(r.Clauses.Violated) > 0 || r.Totals.Failed != 1 {
		t.Errorf("violated are %v, failed are %d; want none and 1", r.Clauses.Violated, r.Totals.Failed)
	}
}

func TestVerdict(t *testing.T) {
	passing := func() Input {
		in := input()
		in.Planned = 4
		in.Suite.Specs[1].Result = SpecPassed
		return in
	}
	cases := []struct {
		name   string
		change func(*Input)
		want   Verdict
	}{
		{"all passed or skipped", func(*Input) {}, Passed},
		{"one failed", func(in *Input) { in.Suite.Specs[0].Result = SpecFailed }, Failed},
		{"one is missing", func(in *Input) { in.Planned++ }, Failed},
		{"interrupted", func(in *Input) { in.Interrupted = true }, Interrupted},
		{"trouble in the suite", func(in *Input) { in.Suite.Trouble = []string{"gone"} }, Failed},
		{"a spec was interrupted", func(in *Input) { in.Suite.Specs[0].Result = SpecInterrupted }, Failed},
		{"nothing examined", func(in *Input) { in.Suite.Specs, in.Planned = in.Suite.Specs[2:3], 1 }, Failed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := passing()
			c.change(&in)
			r := Build(in, catalogue(t))
			if r.Verdict != c.want {
				t.Errorf("verdict is %s, want %s", r.Verdict, c.want)
			}
			if r.Verdict == Failed && r.Totals.Failed == 0 && len(r.Trouble) == 0 {
				t.Error("the report does not say why the verdict is failed")
			}
		})
	}
}
