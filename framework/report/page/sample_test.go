package page

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

// began is when the example ran.
var began = time.Date(2026, 1, 2, 23, 59, 58, 0, time.UTC)

// sample is a report with a spec of each result, and its evidence.
func sample() (*report.Report, fstest.MapFS) {
	clause := func(id string, class contract.Class, sentence string) report.Clause {
		return report.Clause{ID: id, Class: class, Capability: contract.Restore, Sentence: sentence}
	}
	violated := clause("R-11", "M", "Sizes are equal.")
	violated.Means, violated.Specs = "Data is cut off.", []string{"restore fails"}
	r := &report.Report{
		Date: began, Verdict: report.Failed, Totals: report.Totals{Passed: 1, Failed: 1, Skipped: 1},
		Implementation: report.Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Versions:       map[string]string{"kubernetes": "v1.36.3", "etcd": "v3.7.3", "muster": "devel"},
		Run:            report.Run{Labels: "restore", Processes: 2, Seconds: 30},
		Profiles:       []report.Profile{{Name: report.Core, Result: report.ProfileFail, Violated: 1, Met: 1}},
		Environment:    report.NewEnvironment("embedded", map[string]string{"kubernetes": "v1.36.3", "csi-resizer": "v2"}, []report.Node{{Name: "n", CPUs: 2}}),
		Leaks:          []report.Leak{{Name: "PersistentVolume pvc-1", Spec: "restore fails"}},
		Quirks:         []report.Quirk{{Clause: "R-14", Observation: "refused", Spec: "restore passes"}},
		Operations:     []report.Operation{{Name: "CreateVolume", Source: report.FromCSI, Count: 3, P50Seconds: 0.1, P95Seconds: 0.2, MaxSeconds: 0.2}},
		Restarts:       []report.Restart{{Pod: "p", Container: "c", Count: 2, Reason: "Error", ExitCode: 1}},
		Clauses: report.Clauses{Violated: []report.Clause{violated}, Met: []report.Clause{clause("R-10", "M", "Bytes are kept.")},
			Observed: []report.Clause{clause("R-14", "Q", "The new size counts.")}, NotRun: []report.Clause{clause("R-23", "V", "Detached works.")}},
		Specs: []report.Spec{
			{Name: "restore cannot", Result: report.SpecSkipped, Message: "no nfs"},
			{Name: "restore fails", Labels: []string{"restore"}, Clauses: []string{"R-11", "R-14"}, Result: report.SpecFailed, Started: began,
				Seconds: 12, Attempts: 2, Process: 2, Location: "size.go:7", Evidence: "failed/restore-fails", FailedAfterSeconds: 9,
				Message: "content\nExpected\n    <string>: a\nto equal\n    <string>: b", Further: []string{"after the spec: left over"},
				Steps: []report.Step{{Text: "restoring", Started: began.Add(2 * time.Second), Seconds: 7}}},
			{Name: "restore passes", Clauses: []string{"R-10", "R-14"}, Result: report.SpecPassed, Started: began.Add(5 * time.Second), Seconds: 25, Attempts: 1, Process: 1},
		},
	}
	return r, evidence("restore-fails")
}

// evidence is a folder as a failed spec leaves it.
func evidence(folder string) fstest.MapFS {
	files := map[string]string{
		"objects.yaml": `---
kind: VolumeSnapshot
metadata: {name: source, namespace: restore-fails-xk2vw, creationTimestamp: "2026-01-02T23:59:59Z"}
status: {error: {message: no such snapshot, time: "2026-01-03T00:00:03Z"}}
---
kind: PersistentVolume
metadata: {name: pvc-c7cfef5d-3007-402c, creationTimestamp: "2026-01-03T00:00:00Z", deletionTimestamp: "2026-01-03T00:00:05Z"}
`,
		"events.txt": "23:59:59 Normal  Pod/reader Scheduled (1 times): assigned\n00:00:01 Warning PersistentVolumeClaim/restored ProvisioningFailed (3 times): refused\nsecond line\n",
		"csi-calls.txt": `longhorn-csi-controller-7979994895-c4vwg/muster-driver: {"time":"2026-01-03T00:00:02.5Z","level":"INFO","msg":"CSI call","method":"CreateVolume","id":"pvc-c7cfef5d-3007-402c","code":"OK","seconds":0.25,"request":"{\"name\":\"x\", \"secrets\":{\"k\":\"hunter2\"}}","response":"{}"}
longhorn-csi-controller-7979994895-c4vwg/muster-driver: {"time":"2026-01-03T00:00:04Z","level":"WARN","msg":"CSI call failed","method":"DeleteVolume","id":"pvc-c7cfef5d-3007-402c","code":"Internal","seconds":1,"request":"{}","error":"in use"}
not a line of any known form
`,
		"log-longhorn-csi-controller-7979994895-c4vwg-csi-provisioner.txt": "W0103 00:00:02.000001       1 controller.go:9] \"retrying\" pvc=\"pvc-c7cfef5d-3007-402c\" AWS_SECRET_ACCESS_KEY=hunter2\n" +
			"I0103 00:00:02.000002       1 controller.go:9] \"chatter\" pvc=\"pvc-c7cfef5d-3007-402c\"\nE0103 00:00:02.000003       1 controller.go:9] \"of another spec\"\n",
		"log-longhorn-csi-node-c4vwg-muster-driver.txt": `{"time":"2026-01-03T00:00:02.7Z","level":"INFO","msg":"mounted pvc-c7cfef5d-3007-402c"}` + "\n",
	}
	folders := fstest.MapFS{}
	for name, text := range files {
		folders["failed/"+folder+"/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folders
}

// render returns the page as text.
func render(t *testing.T, r *report.Report, files fs.FS) string {
	t.Helper()
	text, err := Render(r, files)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// must fails for each fragment that is not in the text.
func must(t *testing.T, text string, fragments ...string) {
	t.Helper()
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			t.Errorf("the page lacks %q", fragment)
		}
	}
}

// partOf is what the page has between two fragments.
func partOf(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	if !ok {
		t.Fatalf("the page lacks %q", from)
	}
	found, _, ok := strings.Cut(rest, to)
	if !ok {
		t.Fatalf("the page lacks %q after %q", to, from)
	}
	return found
}
