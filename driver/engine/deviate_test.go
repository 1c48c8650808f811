package engine

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/driver/deviation"
)

// planted returns an engine with a defect, and a volume whose snapshot s holds
// old while the volume itself holds something else by now.
func planted(t *testing.T, defect deviation.Name) (e *Engine, old []byte) {
	t.Helper()
	e = openCopying(t, t.TempDir())
	must(t, e.CreateVolume(t.Context(), "a", 4*mib))
	old = pattern(1, 3*mib)
	writeHead(t, e, "a", 0, old)
	_, err := e.CreateSnapshot(t.Context(), "a", "s")
	must(t, err)
	writeHead(t, e, "a", 0, pattern(2, 3*mib))
	e.SetDeviations(deviation.NewSet(defect))
	return e, append(old, make([]byte, mib)...)
}

func restored(t *testing.T, e *Engine, name string) []byte {
	t.Helper()
	must(t, e.CloneVolume(t.Context(), name, 4*mib, Source{Volume: "a", Snapshot: "s"}))
	content, err := os.ReadFile(e.headPath(name))
	must(t, err)
	return content
}

func TestDefectRestoreCurrentData(t *testing.T) {
	e, _ := planted(t, deviation.RestoreCurrentData)
	if !bytes.Equal(restored(t, e, "r")[:3*mib], pattern(2, 3*mib)) {
		t.Error("restore has not the current data")
	}
}

func TestDefectRestoreShortTail(t *testing.T) {
	e, old := planted(t, deviation.RestoreShortTail)
	clear(old[2*mib:])
	if !bytes.Equal(restored(t, e, "r"), old) {
		t.Error("restore lacks not just the last allocated MiB")
	}
}

func TestDefectRestoreMovesSnapshot(t *testing.T) {
	e, old := planted(t, deviation.RestoreMovesSnapshot)
	if !bytes.Equal(restored(t, e, "r1"), old) {
		t.Error("first restore is wrong already")
	}
	wantErr(t, e.CloneVolume(t.Context(), "r2", 4*mib, Source{Volume: "a", Snapshot: "s"}), ErrNotFound)
	must(t, e.DeleteSnapshot(t.Context(), "a", "s"))
}

func TestDefectReadWriteShared(t *testing.T) {
	e, _ := planted(t, deviation.ReadWriteShared)
	restored(t, e, "r1")
	writeHead(t, e, "r1", 0, pattern(3, mib))
	if !bytes.Equal(restored(t, e, "r2")[:mib], pattern(3, mib)) {
		t.Error("second restore does not show what was written to the first")
	}
}

func TestDefectBlockRestoreZeroed(t *testing.T) {
	e, _ := planted(t, deviation.BlockRestoreZeroed)
	if !bytes.Equal(restored(t, e, "r"), make([]byte, 4*mib)) {
		t.Error("restore of a raw volume is not zeroed")
	}
	writeHead(t, e, "a", 0, []byte("XFSB"))
	_, err := e.CreateSnapshot(t.Context(), "a", "xfs")
	must(t, err)
	must(t, e.CloneVolume(t.Context(), "x", 4*mib, Source{Volume: "a", Snapshot: "xfs"}))
	if sum(t, e.headPath("x")) != sum(t, e.headPath("a")) {
		t.Error("restore of a volume with a file system is changed, too")
	}
}

func TestDefectCutLate(t *testing.T) {
	e, _ := planted(t, deviation.CutLate)
	_, err := e.CreateSnapshot(t.Context(), "a", "late")
	must(t, err)
	writeHead(t, e, "a", 0, pattern(4, 3*mib))
	must(t, wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return exists(e.dataPath("a", "late")), nil
	}))
	content, err := os.ReadFile(e.dataPath("a", "late"))
	must(t, err)
	if !bytes.Equal(content[:3*mib], pattern(4, 3*mib)) {
		t.Error("late cut lacks what was written after it was reported")
	}
}

func TestDefectCutLosesAcknowledged(t *testing.T) {
	e, _ := planted(t, deviation.CutLosesAcknowledged)
	must(t, e.follow(t.Context(), "a"))
	must(t, e.follow(t.Context(), "a"))
	writeHead(t, e, "a", 0, pattern(5, mib))
	_, err := e.CreateSnapshot(t.Context(), "a", "lossy")
	must(t, err)
	content, err := os.ReadFile(e.dataPath("a", "lossy"))
	must(t, err)
	if !bytes.Equal(content[:3*mib], pattern(2, 3*mib)) {
		t.Error("cut has what was acknowledged last, or nothing at all")
	}
}
