package harness

import (
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/runid"
)

func TestParseConfigIsStrict(t *testing.T) {
	good := "kubeconfig: /k\noutputDir: /o\n"
	config, err := ParseConfig([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if config.Contract != "1.12" || config.Target != "reference" || !config.LeakCheck {
		t.Errorf("defaults are %+v, want contract 1.12, target reference, leak check on", config)
	}
	if config.Driver != "driver.longhorn.io" || config.Classes != DocumentedClasses() || config.Store != backupstore.Own() {
		t.Errorf("defaults are %+v, want the driver, classes and store of the fixtures", config)
	}
	for text, want := range map[string]string{
		good + "leekCheck: true\n":  "leekCheck",
		"outputDir: /o\n":           "kubeconfig",
		"kubeconfig: /k\n":          "outputDir",
		good + "contract: newest\n": `"newest"`,
		good + "timeoutScale: -1\n": "timeoutScale",
		good + "run: x\n":           "id of a run",
		good + "classes: {a: b}\n":  "classes",
	} {
		if _, err := ParseConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseConfig(%q) = %v, want an error that names %s", text, err, want)
		}
	}
}

func TestVersionsCompareByNumber(t *testing.T) {
	for _, pair := range [][2]string{{"1.12", "1.5"}, {"1.5", "1.5"}, {"2.0", "1.12"}} {
		newer, older := Must(parseVersion(pair[0])), Must(parseVersion(pair[1]))
		if !newer.atLeast(older) {
			t.Errorf("%s is not at least %s, want it to be", pair[0], pair[1])
		}
		if pair[0] != pair[1] && older.atLeast(newer) {
			t.Errorf("%s is at least %s, want it not to be", pair[1], pair[0])
		}
	}
}

func TestUniqueNamesAreLabels(t *testing.T) {
	words := "of an attached volume: is ready with handle, restoreSize and creationTime, again and again"
	first, second := uniqueName(words), uniqueName(words)
	if first == second {
		t.Errorf("uniqueName gave %q twice", first)
	}
	for _, name := range []string{first, uniqueName(""), uniqueName("10 at once"), uniqueName("-- ?")} {
		if len(name) > 53 || strings.Contains(name, "--") || name[0] < 'a' || name[0] > 'z' {
			t.Errorf("uniqueName = %q, want a short DNS label that begins with a letter", name)
		}
	}
}

func TestNamespacesTellTheirRun(t *testing.T) {
	words := "of an attached volume: is ready with handle, restoreSize and creationTime, again and again"
	for _, run := range []string{"", runid.New()} {
		name := namespaceName(words, run)
		if len(name) > 53 || strings.Contains(name, "--") || (run != "") != runid.In(name, run) {
			t.Errorf("namespaceName of run %q = %q, want a short DNS label that tells the run", run, name)
		}
	}
}

func TestDocumentedClassesStandForThoseOfTheCluster(t *testing.T) {
	cluster := &Cluster{Config: Config{Driver: "csi.example.org", Classes: Classes{Ext4: "fast", XFS: "fast-xfs", Snapshot: "snaps", Backup: "baks", Image: "images"}}}
	for name, want := range map[string]string{ClassExt4: "fast", ClassXFS: "fast-xfs", SnapClass: "snaps", BackupClass: "baks", ImageClass: "images", "made-by-a-spec": "made-by-a-spec"} {
		if got := cluster.class(name); got != want {
			t.Errorf("class %s is %s here, want %s", name, got, want)
		}
	}
	text := strings.NewReplacer(cluster.Documented()...).Replace("driver: driver.longhorn.io\nstorageClassName: longhorn\nvolumeSnapshotClassName: longhorn-snapshot-vsc\n")
	if want := "driver: csi.example.org\nstorageClassName: fast\nvolumeSnapshotClassName: snaps\n"; text != want {
		t.Errorf("documented YAML is %q here, want %q", text, want)
	}
}

func TestContainsAllComparesParts(t *testing.T) {
	text := "rpc error: code = Internal desc = Status [500]. Body: [a b]"
	if !containsAll(text, []string{"code = Internal", "Body"}) || containsAll(text, []string{"code = Internal", "code = NotFound"}) {
		t.Error("containsAll does not require each part")
	}
}

func TestEventCountReadsBothForms(t *testing.T) {
	if got := eventCount(corev1.Event{Count: 3}); got != 3 {
		t.Errorf("eventCount of a core event = %d, want 3", got)
	}
	if got := eventCount(corev1.Event{Series: &corev1.EventSeries{Count: 4}}); got != 4 {
		t.Errorf("eventCount of a series = %d, want 4", got)
	}
}

func TestFailureTextHasEveryFailure(t *testing.T) {
	report := types.SpecReport{Failure: types.Failure{Message: "first"},
		AdditionalFailures: []types.AdditionalFailure{{Failure: types.Failure{Message: "second"}}}}
	if got := failureText(report); got != "first\n\nsecond" {
		t.Errorf("failureText = %q, want both failures", got)
	}
}

func TestEachAttemptHasEvidenceOfItsOwn(t *testing.T) {
	first, second := evidenceDir("/o", "snap is ready", 1), evidenceDir("/o", "snap is ready", 2)
	if first != "/o/failed/snap-is-ready" || second != "/o/failed/snap-is-ready-attempt-2" {
		t.Errorf("evidence is in %s and %s, want a folder for each attempt", first, second)
	}
}
