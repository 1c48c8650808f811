package why

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestAnObjectIsNamedAsForKubectl(t *testing.T) {
	for text, want := range map[string]string{
		"volumesnapshot/a": "VolumeSnapshot ns/a", "vs/a": "VolumeSnapshot ns/a", "VS a": "VolumeSnapshot ns/a",
		"volumesnapshots.snapshot.storage.k8s.io/a": "VolumeSnapshot ns/a", "vsc/a": "VolumeSnapshotContent a",
		"pvc/a": "PersistentVolumeClaim ns/a", "persistentvolumeclaim a": "PersistentVolumeClaim ns/a", "po/a": "Pod ns/a",
		"backup/a": "Longhorn Backup a", "lhv/a": "Longhorn Volume a",
	} {
		got, err := ParseSubject("ns", strings.Fields(text))
		if err != nil || got.String() != want {
			t.Errorf("ParseSubject(%q) = %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"volumesnapshto/a": "did you mean volumesnapshot?", "pcv/a": "did you mean pvc?", "vs": "write kind/name", "/a": "write kind/name",
		"vs/a/b": "write kind/name", "vs/a b": "write kind/name", "pods.metrics.k8s.io/a": "did you mean",
	} {
		if got, err := ParseSubject("ns", strings.Fields(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseSubject(%q) = %v, %v, want %q", text, got, err, want)
		}
	}
}

func TestASubjectIsFoundByItsEndpoint(t *testing.T) {
	got, ok := SubjectOf(schema.GroupResource{Group: "longhorn.io", Resource: "backups"}, "longhorn-system", "b")
	if !ok || got.String() != "Longhorn Backup b" || got.Namespace != "longhorn-system" {
		t.Errorf("got %v, %t", got, ok)
	}
	if got, ok := SubjectOf(schema.GroupResource{Resource: "namespaces"}, "", "n"); ok {
		t.Errorf("got %v for a namespace", got)
	}
}

func TestASubjectThatDoesNotExistIsAnError(t *testing.T) {
	for _, c := range []struct {
		subject Subject
		want    string
	}{
		{NewSubject(Pod, "shop", "nobody"), "name another namespace with -n"},
		{NewSubject(LonghornCut, "", "nobody"), "write volumesnapshot/nobody"},
	} {
		if _, err := Look(t.Context(), newWorld().asSource(t), c.subject); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestTheDriversAnswerIsTakenOutOfWhatSidecarsSay(t *testing.T) {
	for text, want := range map[string]answer{
		`Failed to check and update snapshot content: failed to take snapshot of the volume pvc-1: "rpc error: code = InvalidArgument desc = invalid type: x. Must be bak or \"\""`: {"InvalidArgument", `invalid type: x. Must be bak or ""`},
		`failed to provision volume with StorageClass "longhorn": rpc error: code = Internal desc = size of "a" differs`:                                                            {"Internal", `size of "a" differs`},
		`AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = Aborted desc = not ready`:                                                                                {"Aborted", "not ready"},
		`rpc error: code = Unknown desc = outer: rpc error: code = NotFound desc = inner`:                                                                                           {"NotFound", "inner"},
	} {
		if got, ok := answerIn(text); !ok || got != want {
			t.Errorf("answerIn(%q) = %+v, %t, want %+v", text, got, ok, want)
		}
	}
	if got, ok := answerIn("snapshot x is not ready"); ok {
		t.Errorf("found the answer %+v in a text without", got)
	}
}

func TestLinesOfTroubleAreToldBeforeOthers(t *testing.T) {
	log := "I1 x made\nE9 event.go:383] x failed\nE0101 first x failed\nE0102 other failed\nE0103 second x failed\nE0104 third x failed\nI5 x again\n"
	if got := telling(log, []string{"x"}); strings.Join(got, "|") != "E0103 second x failed|E0104 third x failed" {
		t.Errorf("got %q, want the last two lines of trouble about x", got)
	}
	if got := telling("I1 x made\nI2 x bound\nI3 y bound\n", []string{"x"}); strings.Join(got, "|") != "I2 x bound" {
		t.Errorf("got %q, want the last line about x", got)
	}
}

func TestAChainHasTheLogsWithoutSecretsAndWhatCouldNotBeRead(t *testing.T) {
	w := newWorld()
	w.unready("")
	source := w.asSource(t)
	source.Tail = func(_ context.Context, pod *corev1.Pod, container string, _ int64, _ time.Time) ([]byte, error) {
		switch container {
		case snapshotter:
			return []byte("E0101 unrelated\nE0101 cannot do snapcontent-" + uid + ": AWS_SECRET_ACCESS_KEY=hunter2\n"), nil
		case snapshotController:
			return nil, errors.New("forbidden")
		}
		return nil, nil
	}
	chain, err := Look(t.Context(), source, nightly)
	if err != nil {
		t.Fatal(err)
	}
	text := chain.String()
	for _, want := range []string{"log of csi-snapshotter", "cannot do snapcontent-", "[redacted]", "log of snapshot-controller", "cannot be read: forbidden"} {
		if !strings.Contains(text, want) {
			t.Errorf("the chain does not have %q:\n%s", want, text)
		}
	}
	for _, bad := range []string{"hunter2", "unrelated", "node-driver-registrar"} {
		if strings.Contains(text, bad) {
			t.Errorf("the chain has %q:\n%s", bad, text)
		}
	}
}

func TestAChainIsOneStepALineAndAligned(t *testing.T) {
	chain := Chain{Subject: nightly, Cause: "it rains", Steps: []Step{{"Pod a", "runs"}, {"  event Failed", "no luck"}}}
	want := "VolumeSnapshot shop/nightly is not ready because it rains.\n\nPod a           runs\n  event Failed  no luck\n"
	if got := chain.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	chain.Deleting = true
	if got := chain.Sentence(); !strings.Contains(got, "is being deleted and not gone because it rains.") {
		t.Errorf("got %q", got)
	}
}

func TestAStructuredLineIsToldPlainly(t *testing.T) {
	line := `{"time":"2026-11-24T22:31:46.2Z","level":"WARN","msg":"CSI call failed","request":"{...}","method":"CreateVolume","code":"Internal","error":"no","volume":"v"}`
	if got, want := plain(line), "22:31:46 CSI call failed method=CreateVolume code=Internal error=no volume=v"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := plain("E1 no JSON"); got != "E1 no JSON" {
		t.Errorf("got %q", got)
	}
}

func TestWhatWasSaidIsNotSaidAgain(t *testing.T) {
	got := withoutRepetition([]Step{
		{"VolumeSnapshot a", `failed: "rpc error: code = Internal desc = it broke"`},
		{"  event Failed", `again: "rpc error: code = Internal desc = it broke"`},
		{"  event Other", "something else"},
		{"log of driver", "method=CreateSnapshot error=it broke"},
		{"log of sidecar", `rpc error: code = Internal desc = it broke`},
	})
	want := []string{"VolumeSnapshot a", "  event Failed", "  event Other", "log of driver"}
	var names []string
	for _, step := range got {
		names = append(names, step.What)
	}
	if strings.Join(names, "|") != strings.Join(want, "|") || got[1].Says != asAbove || got[2].Says == asAbove {
		t.Errorf("got %q", got)
	}
}

func TestTheSubjectItselfCanBeTheCause(t *testing.T) {
	chain := Chain{Subject: NewSubject(LonghornTarget, "", "default"), Cause: "Longhorn BackupTarget default has no URL"}
	if got, want := chain.Sentence(), "Longhorn BackupTarget default has no URL."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheLastWordsOfACrashedProgramAreTold(t *testing.T) {
	w := newWorld()
	w.unready("")
	stop(w.sidecars, snapshotter)
	source := w.asSource(t)
	source.Tail = func(_ context.Context, _ *corev1.Pod, container string, _ int64, since time.Time) ([]byte, error) {
		if container == snapshotter && since.IsZero() {
			return []byte("started\nflag is unknown\n"), nil
		}
		return []byte("idle\n"), nil
	}
	chain, err := Look(t.Context(), source, nightly)
	if err != nil || !strings.Contains(chain.String(), "flag is unknown") || strings.Contains(chain.String(), "idle") {
		t.Errorf("got %v, %v, want the last words of csi-snapshotter alone", chain, err)
	}
}
