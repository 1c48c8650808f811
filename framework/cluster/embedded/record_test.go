//go:build linux

package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

func TestParseStatWithOddProgramName(t *testing.T) {
	line := "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 0 0"
	if start, state := parseStat(line); start != "987654" || state != "S" {
		t.Fatalf("start %q, state %q", start, state)
	}
	if start, state := parseStat("garbage"); start != "" || state != "" {
		t.Fatalf("garbage gave start %q, state %q", start, state)
	}
}

func TestProcessIdentityIsMoreThanItsNumber(t *testing.T) {
	me := identify(os.Getpid())
	if !me.alive() {
		t.Fatal("this process is not alive")
	}
	if (procID{PID: me.PID, Start: me.Start + "1"}).alive() {
		t.Error("a process with this number but another start time counts as the same")
	}
	r := record{Boot: "another boot", Supervisor: me}
	if r.running() {
		t.Error("a process of another boot counts as running")
	}
	if r.Boot = bootID(); !r.running() {
		t.Error("a live process of this boot does not count as running")
	}
}

func TestEndedProcessIsNotAliveEvenUncollected(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	id := identify(cmd.Process.Pid)
	if !id.alive() {
		t.Fatal("a started process is not alive")
	}
	if err := killAndWait(id, bootID()); err != nil {
		t.Fatal(err)
	}
	if id.alive() { // nobody has waited for it: it is a zombie
		t.Error("a killed process counts as alive until its parent collects it")
	}
	_ = cmd.Wait()
	if err := killAndWait(id, bootID()); err != nil {
		t.Errorf("killing a process that is gone: %v", err)
	}
}

func TestLeftoverIsSeenAsDead(t *testing.T) {
	l := layout{root: t.TempDir(), name: "x"}
	ctx := context.Background()
	if s, err := StatusIn(ctx, l.root, l.name); err != nil || s.Phase != cluster.Absent {
		t.Fatalf("without any state: %+v, %v", s, err)
	}
	if err := l.make(); err != nil {
		t.Fatal(err)
	}
	r := &record{Name: "x", Boot: bootID(), Supervisor: procID{PID: os.Getpid(), Start: "1"}, Started: time.Now()}
	if err := r.save(l); err != nil {
		t.Fatal(err)
	}
	if s, err := StatusIn(ctx, l.root, l.name); err != nil || s.Phase != cluster.Dead {
		t.Fatalf("with a record whose process number was reused: %+v, %v", s, err)
	}
	if err := os.WriteFile(filepath.Join(l.dir(), supervisor.EndFile), []byte("etcd exited\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err := StatusIn(ctx, l.root, l.name); err != nil || s.Reason != "etcd exited" {
		t.Fatalf("the reason of the end is lost: %+v, %v", s, err)
	}
	names, err := Names(l.root)
	if err != nil || len(names) != 1 || names[0] != "x" {
		t.Fatalf("names %v, %v", names, err)
	}
}

func TestNames(t *testing.T) {
	for _, good := range []string{"muster", "a", "a-1", strings.Repeat("a", cluster.MaxName)} {
		if err := cluster.CheckName(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "A", "-a", "a-", "a.b", "../x", strings.Repeat("a", cluster.MaxName+1)} {
		if cluster.CheckName(bad) == nil {
			t.Errorf("%q passes as a name", bad)
		}
	}
	seen := map[string]bool{}
	for _, root := range []string{defaultStateRoot, "/elsewhere"} {
		for _, name := range []string{"a", "muster", "long-name-number-one", "long-name-number-two"} {
			link := linkName(layout{root: root, name: name}.global())
			if len(link) > 15 || seen[link] {
				t.Errorf("link name %q of %q in %s is too long or taken", link, name, root)
			}
			seen[link] = true
		}
	}
}
