package logs

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// followed are the pods of a kubelet whose logs are kept.
type followed struct {
	t   *testing.T
	dir string
	*Follower
}

func following(t *testing.T, k *kubelet) *followed {
	t.Helper()
	dir := filepath.Join(t.TempDir(), Dir)
	f, err := follow(t.Context(), k.api, dir, k.open, []Source{{Namespace: "ns", Label: "app=driver"}})
	if err != nil {
		t.Fatal(err)
	}
	return &followed{t, dir, f}
}

// read returns what is written so far.
func (f *followed) read() map[string]string {
	read, err := Read(f.dir, time.Time{})
	if err != nil {
		f.t.Fatal(err)
	}
	texts := map[string]string{}
	for key, text := range read {
		texts[key] = string(text)
	}
	return texts
}

// want stops and compares what was written.
func (f *followed) want(texts map[string]string) {
	f.t.Helper()
	if err := f.Stop(f.t.Context()); err != nil {
		f.t.Error(err)
	}
	if diff := cmp.Diff(texts, f.read()); diff != "" {
		f.t.Errorf("logs differ:\n%s", diff)
	}
}

// await returns when the pod's log has the line.
func (f *followed) await(pod, line string) {
	f.t.Helper()
	tick, limit := time.NewTicker(time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !strings.Contains(f.read()[pod+"/driver"], line) {
		select {
		case <-tick.C:
		case <-limit:
			f.t.Fatalf("waited 30 s for %q; the log is %q", line, f.read())
		}
	}
}

func TestNothingIsLostWhenPodsAreReplaced(t *testing.T) {
	for _, words := range []bool{false, true} {
		replacePods(t, words)
	}
}

func replacePods(t *testing.T, words bool) {
	t.Helper()
	k := newKubelet(t)
	k.words = words
	k.start("old")
	k.say("old", "one")
	f := following(t, k)
	k.say("old", "two")
	k.start("new")
	k.say("new", "three")
	f.await("old", "two") // a pod that is removed has some seconds to end
	k.remove("old")
	k.say("new", "four")
	f.want(map[string]string{"old/driver": "one\ntwo\n", "new/driver": "three\nfour\n"})
	if pods := f.Pods(); len(pods) != 2 {
		t.Errorf("pods are %v, want the one that is gone too", pods)
	}
}

func TestNothingIsLostWhenAContainerCrashesAgainAndAgain(t *testing.T) {
	k := newKubelet(t)
	k.start("pod")
	f := following(t, k)
	var want strings.Builder
	for run := range 4 {
		for line := range 50 {
			k.say("pod", fmt.Sprintf("run %d line %d", run, line))
			fmt.Fprintf(&want, "run %d line %d\n", run, line)
		}
		k.crash("pod")
		if run > 0 { // the first time it is started again at once, later after a pause
			f.await("pod", fmt.Sprintf("run %d line 49\n", run))
		}
		k.start("pod")
	}
	f.want(map[string]string{"pod/driver": want.String()})
}

func TestTheRunBeforeTheFirstSightIsRead(t *testing.T) {
	k := newKubelet(t)
	k.start("pod")
	k.say("pod", "last words")
	k.crash("pod")
	k.start("pod")
	k.say("pod", "next run")
	following(t, k).want(map[string]string{"pod/driver": "last words\nnext run\n"})
}

func TestNothingIsLostOrSaidTwiceWhenStreamsBreakOff(t *testing.T) {
	k := newKubelet(t)
	k.start("pod")
	k.say("pod", "one", "two", "three")
	k.change(func() { k.breaks = 1 })
	f := following(t, k)
	f.await("pod", "three")
	k.say("pod", "four")
	f.want(map[string]string{"pod/driver": "one\ntwo\nthree\nfour\n"})
}

func TestSecretsAndOlderLinesAreLeftOut(t *testing.T) {
	k := newKubelet(t)
	k.clock = time.Now().Add(-time.Minute)
	k.start("pod")
	k.say("pod", "before the run")
	k.clock = time.Now().Add(time.Minute)
	f := following(t, k)
	k.say("pod", "password=hunter2")
	f.want(map[string]string{"pod/driver": "password=[redacted]\n"})
}

func TestReadReturnsWhatIsNotOlder(t *testing.T) {
	k := newKubelet(t)
	k.start("pod")
	k.say("pod", "one")
	f := following(t, k)
	f.want(map[string]string{"pod/driver": "one\n"})
	if got := string(after([]byte("2026-01-01T00:00:01Z a b\n2026-01-01T00:00:03.5Z c\nno time\n"), time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC))); got != "c\n" {
		t.Errorf("read %q, want what was written after the moment alone", got)
	}
	if got, err := Read(f.dir, time.Now().Add(24*time.Hour)); err != nil || len(got) > 0 {
		t.Errorf("read %v (%v), want nothing from before tomorrow", got, err)
	}
	if got, err := Read(filepath.Join(f.dir, "missing"), time.Time{}); err != nil || len(got) > 0 {
		t.Errorf("a folder that is missing gives %v (%v), want nothing", got, err)
	}
}
