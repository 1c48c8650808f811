package page

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/framework/report"
)

func TestTheCourseOfEventsHasAllThatHappened(t *testing.T) {
	r, files := sample()
	f := failures(r, files, report.SpecFailed)[0]
	var got []string
	for _, e := range f.Entries {
		got = append(got, strings.TrimSpace(strings.Join([]string{e.Kind, map[bool]string{true: "!"}[e.Bad], e.Who, e.Text}, " ")))
	}
	want := []string{
		"object  VolumeSnapshot/source created",
		"event  Pod/reader Scheduled: assigned",
		"object  PersistentVolume/pvc-c7cfef5d-3007-402c created",
		"step   restoring (7.0 s)",
		"event ! PersistentVolumeClaim/restored ProvisioningFailed (3 times): refused second line",
		"log ! longhorn-csi-controller-csi-provisioner \"retrying\" pvc=\"pvc-c7cfef5d-3007-402c\" AWS_SECRET_ACCESS_KEY=[redacted]",
		"call  CreateVolume pvc-c7cfef5d-3007-402c → OK, 250 ms",
		"log  longhorn-csi-node-muster-driver mounted pvc-c7cfef5d-3007-402c",
		"object ! VolumeSnapshot/source error in its status: no such snapshot",
		"call ! DeleteVolume pvc-c7cfef5d-3007-402c → Internal, 1.0 s: in use",
		"object  PersistentVolume/pvc-c7cfef5d-3007-402c marked for removal, still there at the end",
		"failed   at size.go:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the course of events differs:\n%s", diff)
	}
	if after := f.Entries[6].After; after != 4.5 {
		t.Errorf("the call was %g s after the start, want 4.5: midnight is between", after)
	}
}

func TestSecretsReachNoPage(t *testing.T) {
	r, files := sample()
	r.Specs[1].Message += "\nAWS_ACCESS_KEY_ID: hunter2"
	r.Specs[1].Further = []string{"token=hunter2"}
	r.Specs[0].Message = "password: hunter2"
	r.Quirks[0].Observation = `{"AWS_SECRET_ACCESS_KEY":"hunter2"}`
	text := render(t, r, files)
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret is on the page: …%s", text[max(strings.Index(text, "hunter2")-120, 0):][:140])
	}
	if n := strings.Count(text, "[redacted]"); n < 5 {
		t.Errorf("%d values are withheld, want one for each secret", n)
	}
}

func TestARuleThatTheFailureNamesIsTheViolatedOne(t *testing.T) {
	r, files := sample()
	r.Specs[1].Clauses = []string{"R-11", "R-10", "R-14"}
	if f := failures(r, files, report.SpecFailed)[0]; len(f.Rules) != 2 || f.RulesTitle() != "Violated is at least one of these" || len(f.Others) != 1 {
		t.Errorf("rules are %v (%s), others %v; want two and the quirk", f.Rules, f.RulesTitle(), f.Others)
	}
	r.Specs[1].Message = "R-10: " + r.Specs[1].Message
	if f := failures(r, files, report.SpecFailed)[0]; len(f.Rules) != 1 || f.Rules[0].ID != "R-10" || f.RulesTitle() != "Violated" {
		t.Errorf("rules are %v (%s), want R-10 alone", f.Rules, f.RulesTitle())
	}
}

func TestACleanupThatFailsBlamesNoRule(t *testing.T) {
	r, files := sample()
	r.Specs[1].Message = "after the spec: left over"
	if title := failures(r, files, report.SpecFailed)[0].RulesTitle(); !strings.Contains(title, "because the cleanup failed") {
		t.Errorf("the rules are titled %q, want that the cleanup failed", title)
	}
}

func TestNamesThatWereCollectedFindLogsOfWhatIsGone(t *testing.T) {
	r, files := sample()
	files["failed/restore-fails/names.txt"] = &fstest.MapFile{Data: []byte("pvc-of-a-volume-that-is-gone\n")}
	files["failed/restore-fails/log-longhorn-csi-node-c4vwg-muster-driver.txt"].Data = []byte(
		`{"time":"2026-01-03T00:00:02.7Z","level":"INFO","msg":"unmounted pvc-of-a-volume-that-is-gone"}` + "\n")
	must(t, render(t, r, files), "unmounted pvc-of-a-volume-that-is-gone")
}

func TestTheChainToACauseIsShown(t *testing.T) {
	r, files := sample()
	files["failed/restore-fails/why.txt"] = &fstest.MapFile{Data: []byte("it rains\n\nBackupTarget default  token=hunter2\n")}
	text := render(t, r, files)
	must(t, text, "<pre>it rains\n\nBackupTarget default  token=[redacted]</pre>")
}

func TestConditionsSayWhenTheyChanged(t *testing.T) {
	created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := readObjects(`---
kind: Pod
metadata: {name: reader, creationTimestamp: "2026-01-01T00:00:00Z"}
status: {phase: Pending, conditions: [
  {type: PodScheduled, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z"},
  {type: Ready, status: "False", reason: ContainersNotReady, message: waiting, lastTransitionTime: "2026-01-01T00:00:07Z"}]}
`)
	want := []entry{{Time: created, Kind: kindObject, Who: "Pod/reader", Text: "created, in the end Pending"},
		{Time: created.Add(7 * time.Second), Kind: kindObject, Who: "Pod/reader", Text: "Ready False ContainersNotReady: waiting"}}
	if diff := cmp.Diff(want, objectEntries(o)); diff != "" {
		t.Errorf("entries differ:\n%s", diff)
	}
}

func TestTooManyEntriesLoseTheMiddle(t *testing.T) {
	var all []entry
	for i := range 100 {
		all = append(all, entry{Time: began.Add(time.Duration(100-i) * time.Second), Text: strings.Repeat("x", 40+i)})
	}
	kept, omitted, after := arrange(all, began, 3000)
	if omitted == 0 || len(kept)+omitted != 100 || after == 0 || after >= len(kept)/2+1 {
		t.Fatalf("%d are kept and %d left out after the first %d; want fewer at the beginning than at the end", len(kept), omitted, after)
	}
	if kept[0].After != 1 || kept[len(kept)-1].After != 100 {
		t.Errorf("kept are those from %g s to %g s, want the first and the last", kept[0].After, kept[len(kept)-1].After)
	}
}

func TestWhatIsRepeatedIsSaidOnce(t *testing.T) {
	var all []entry
	for i := range 5 {
		all = append(all, entry{Time: began.Add(time.Duration(i) * time.Second), Who: "csi-snapshotter", Text: "retrying"})
	}
	kept, omitted, _ := arrange(all, began, 1000)
	if len(kept) != 1 || kept[0].Times != 5 || omitted != 0 {
		t.Errorf("kept are %+v, want one that was said 5 times", kept)
	}
}

func TestEvidenceOutsideOfTheFolderIsNotRead(t *testing.T) {
	r, files := sample()
	r.Specs[1].Evidence = "../../etc"
	if f := failures(r, files, report.SpecFailed)[0]; f.Files != nil {
		t.Errorf("files are %v, want none", f.Files)
	}
	must(t, render(t, r, files), "which is not beside this page")
}
