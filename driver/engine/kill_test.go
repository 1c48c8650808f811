package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// victimDir names the directory that a process made for being killed works in.
const victimDir = "MUSTER_TEST_VICTIM_DIR"

// TestVictim is no test of its own: it makes snapshots and volumes and reports
// each on stdout until somebody kills it.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		t.Skip("runs as a child of TestKillLosesNothingAcknowledged only")
	}
	e := openCopying(t, dir)
	encoder := json.NewEncoder(os.Stdout)
	for i := 0; ; i++ {
		name := fmt.Sprint("s", time.Now().UnixNano())
		writeHead(t, e, "a", int64(i%64)*blockBytes, pattern(uint64(i), blockBytes))
		info, err := e.CreateSnapshot(t.Context(), "a", name)
		must(t, err)
		must(t, e.CloneVolume(t.Context(), name, mib, Source{Volume: "a", Snapshot: name}))
		must(t, encoder.Encode(info))
		if i%3 == 2 {
			must(t, e.DeleteVolume(t.Context(), name))
		}
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	e := openCopying(t, dir)
	must(t, e.CreateVolume(t.Context(), "a", mib))
	must(t, e.Close())
	for round := range 5 {
		reported := killAfter(t, dir, 10+7*round)
		e := openCopying(t, dir)
		if left := leftovers(t, dir); len(left) > 0 {
			t.Error("after a kill these are left:", left)
		}
		for _, want := range reported {
			got, err := e.Snapshot("a", want.Name)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		checkWhole(t, e)
		must(t, e.Close())
	}
}

// checkWhole checks that every volume and snapshot that shows is complete.
func checkWhole(t *testing.T, e *Engine) {
	t.Helper()
	names, err := e.Volumes()
	must(t, err)
	for _, name := range names {
		if info, err := e.Volume(name); err != nil || info.SizeBytes != mib {
			t.Errorf("volume %s is %+v, %v", name, info, err)
		}
	}
	snapshots, err := e.Snapshots("a")
	must(t, err)
	for _, info := range snapshots {
		if data, err := os.Stat(e.dataPath("a", info.Name)); err != nil || data.Size() != mib {
			t.Errorf("data of snapshot %s: %v", info.Name, err)
		}
	}
}

// killAfter runs a victim, kills it when it has reported so many snapshots,
// and returns them all.
func killAfter(t *testing.T, dir string, reports int) []SnapshotInfo {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	victim := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	var stderr bytes.Buffer
	victim.Stderr = &stderr
	output, err := victim.StdoutPipe()
	must(t, err)
	must(t, victim.Start())
	var reported []SnapshotInfo
	for lines := bufio.NewScanner(output); lines.Scan(); {
		var info SnapshotInfo
		if err := json.Unmarshal(lines.Bytes(), &info); err != nil {
			continue // a line that the kill cut off
		}
		if reported = append(reported, info); len(reported) == reports {
			must(t, victim.Process.Kill())
		}
	}
	if err := victim.Wait(); err == nil || len(reported) < reports {
		t.Fatalf("victim ended by itself after %d snapshots: %v: %s", len(reported), err, stderr.String())
	}
	return reported
}
