package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2/types"
)

func TestLeaksAreNamedOnceWithTheirSpec(t *testing.T) {
	spec := types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: "leaves", State: types.SpecStateFailed,
		Failure: types.Failure{Message: "waited 1s (timeouts.BackupGone) for backups longhorn-system/own-wait to be gone; last seen: it exists"},
		AdditionalFailures: []types.AdditionalFailure{{Failure: types.Failure{Message: "after the spec: " +
			"waited 18s (timeouts.TargetAvailable) for backuptargets longhorn-system/target to be available; last seen: available false\n" +
			"left over: waited 36s (timeouts.VolumeDeleted) for backups longhorn-system/backup-1 to be gone; last seen: it exists\n" +
			"waited 48s (timeouts.BackupGone) for backupvolumes longhorn-system/bv-1 to be gone; last seen: it exists"}}}}
	bucket := types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: "audits", State: types.SpecStateFailed,
		Failure: types.Failure{Message: "after the spec: the bucket is not as its backups need it: " +
			"block-orphan: backupstore/a.blk: no backup lists the block\nblock-missing: backupstore/b.blk: the block is not there"}}
	end := types.SpecReport{LeafNodeType: types.NodeTypeSynchronizedAfterSuite, State: types.SpecStateFailed,
		Failure: types.Failure{Message: "Expected success, but got an error:\n    <*fmt.wrapError | 0x1>: \n" +
			"    waited 12s (timeouts.NothingLeft): 2 things are left after the run: Longhorn Backup backup-1, Namespace n\n    {\n" +
			`        msg: "waited 12s (timeouts.NothingLeft): 2 things are left after the run: Longhorn Backup backup-1, Namespace n",`}}
	got := newSuite(types.Report{SpecReports: types.SpecReports{end, bucket, spec}}, t.TempDir()).Leaks
	want := []Leak{
		{Name: "object in the bucket: backupstore/a.blk", Spec: "audits"},
		{Name: "backups longhorn-system/backup-1", Spec: "leaves"},
		{Name: "backupvolumes longhorn-system/bv-1", Spec: "leaves"},
		{Name: "Namespace n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("leaks differ:\n%s", diff)
	}
}

func TestQuirksAreEntriesThatBeginWithAClause(t *testing.T) {
	entry := func(name string, value ...any) types.ReportEntry {
		e := types.ReportEntry{Name: name}
		if len(value) > 0 {
			e.Value = types.WrapEntryValue(value[0])
		}
		return e
	}
	spec := types.SpecReport{LeafNodeType: types.NodeTypeIt, LeafNodeText: "looks", State: types.SpecStatePassed, ReportEntries: types.ReportEntries{
		entry("C-45: the image has no late record"), entry("C-45: the image has no late record"),
		entry("C-45, later: token=hunter2"), entry("observed C-14", "refused"), entry("namespace", "x"),
		entry("bak://no-such-volume/backup-1", "NotFound"), entry("C-45x is no clause"),
		entry("R-31: present: Bound, 64 MiB"), entry("R-35: absent", "Pending"),
	}}
	got := newSuite(types.Report{SpecReports: types.SpecReports{spec}}, t.TempDir()).Quirks
	want := []Quirk{
		{Clause: "C-14", Observation: "refused", Spec: "looks"},
		{Clause: "C-45", Observation: "the image has no late record", Spec: "looks"},
		{Clause: "C-45", Observation: "later: token=[redacted]", Spec: "looks"},
		{Clause: "R-31", Presence: Present, Observation: "Bound, 64 MiB", Spec: "looks"},
		{Clause: "R-35", Presence: Absent, Observation: "Pending", Spec: "looks"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quirks differ:\n%s", diff)
	}
}

func TestTheNoteOfAQuirkSaysWhetherItIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		quirks []Quirk
		want   string
	}{
		"nothing was said": {[]Quirk{{Clause: "R-14", Observation: "x"}, {Clause: "R-31", Presence: Present}}, quirkSilent},
		"absent":           {[]Quirk{{Clause: "R-14", Presence: Absent}, {Clause: "R-31", Presence: Present}}, quirkNotSeen},
		"present once":     {[]Quirk{{Clause: "R-14", Presence: Present}, {Clause: "R-14", Presence: Absent}}, quirkSeen},
	} {
		in := input()
		in.Suite.Quirks, in.Suite.Specs[1].Result = c.quirks, SpecPassed
		observed := Build(in, catalogue(t)).Clauses.Observed
		if len(observed) != 1 || observed[0].Note != c.want {
			t.Errorf("%s: observed are %+v, want R-14 with the note %q", name, observed, c.want)
		}
	}
}
