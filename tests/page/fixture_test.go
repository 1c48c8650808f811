package page

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

// processes is how many specs the example ran at the same time.
const processes = 4

// example is a report on a run with every kind of result, made as a run makes one:
// from Ginkgo's own report, the contract and the driver's logs. The failures and
// their evidence in testdata are those of a real run with planted mistakes.
func example(t *testing.T, dir string) *report.Report {
	t.Helper()
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	suite := types.Report{StartTime: began, RunTime: 7 * time.Minute, SpecReports: append(failures(dir), passing(catalogue)...)}
	text, err := json.Marshal([]types.Report{suite})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ginkgo.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ran, err := report.ReadSuite(path, dir)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{"kubernetes": "v1.36.3", "muster-driver": "dev", "csi-provisioner": "v6.3.0", "csi-snapshotter": "v8.7.0",
		"snapshot-controller": "v8.7.0", "snapshot-crds": "v6.3.0", "longhorn-crds": "v1.10.0", "etcd": "v3.7.3"}
	return report.Build(report.Input{
		Implementation: report.Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Versions:       versions,
		Environment: report.NewEnvironment("embedded", versions, []report.Node{{Name: "muster-e2e", Kernel: "6.12.8", OS: "Debian GNU/Linux 12 (bookworm)",
			Architecture: "amd64", CPUs: 2, MemoryBytes: 24 << 30, ContainerRuntime: "containerd://2.4.2"}}),
		Run:   report.Run{Labels: "!bi || bi-create", Processes: processes, Retries: 1},
		Suite: ran, Planned: len(ran.Specs), Logs: map[string][]byte{"longhorn-csi-controller/muster-driver": calls()},
		Restarts: []report.Restart{{Pod: "longhorn-csi-controller-6dfb7d8f59-kltvn", Container: "muster-driver", Count: 1, Reason: "Error", ExitCode: 2}},
	}, catalogue)
}

// passing are a spec for each clause that specs check, one after the other on each
// process; those of quirks note what they saw.
func passing(catalogue *contract.Catalogue) types.SpecReports {
	var all types.SpecReports
	var busy [processes]time.Duration
	busy[processes-1] = 2 * time.Minute // the failures
	for i, clause := range catalogue.Clauses() {
		if clause.Checked != contract.BySuite || clause.ID == "D-28" {
			continue
		}
		process, took := i%processes, time.Duration(800+(i*i*7919)%29000)*time.Millisecond
		spec := spec(string(clause.Capability), fmt.Sprintf("keeps what %s says of it", clause.ID), clause.ID)
		spec.StartTime, spec.RunTime, spec.ParallelProcess = began.Add(busy[process]), took, process+1
		spec.SpecEvents = steps(spec.StartTime, took, "making a volume and a snapshot", "restoring and comparing")
		busy[process] += took
		if clause.Class == contract.Quirk {
			spec.ReportEntries = types.ReportEntries{{Name: clause.ID + ": seen as Longhorn does it", Value: types.WrapEntryValue("")}}
		}
		if i%29 == 3 {
			spec.State, spec.Failure = types.SpecStateSkipped, types.Failure{Message: "the node's kernel cannot mount NFS version 4"}
		}
		all = append(all, spec)
	}
	return all
}

// spec is one that passed, and has checked the clauses.
func spec(capability, text string, clauses ...string) types.SpecReport {
	labels := []string{capability}
	for _, id := range clauses {
		labels = append(labels, "clause:"+id)
	}
	return types.SpecReport{LeafNodeType: types.NodeTypeIt, ContainerHierarchyTexts: []string{capability}, LeafNodeText: text,
		LeafNodeLabels: labels, State: types.SpecStatePassed, NumAttempts: 1}
}

// steps are announcements that part the time of a spec equally.
func steps(from time.Time, took time.Duration, texts ...string) types.SpecEvents {
	var events types.SpecEvents
	for i, text := range texts {
		at := from.Add(took * time.Duration(i) / time.Duration(len(texts)))
		events = append(events, types.SpecEvent{SpecEventType: types.SpecEventByStart, Message: text, TimelineLocation: types.TimelineLocation{Time: at}})
	}
	return append(events, types.SpecEvent{SpecEventType: types.SpecEventNodeEnd, NodeType: types.NodeTypeIt, TimelineLocation: types.TimelineLocation{Time: from.Add(took)}})
}

// calls is a log with CSI calls of different speed.
func calls() []byte {
	var log []byte
	for i, method := range []string{"CreateVolume", "DeleteVolume", "CreateSnapshot", "DeleteSnapshot", "ControllerPublishVolume", "NodeStageVolume"} {
		for n := range 40 {
			log = fmt.Appendf(log, `{"msg":"CSI call","method":%q,"code":"OK","seconds":%g}`+"\n", method, 0.004*float64(1+i)*float64(1+n*n%97))
		}
	}
	return log
}
