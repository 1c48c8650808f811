package shards

import (
	"bytes"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/harness"
)

func TestALogReadAgainTellsNothingTwice(t *testing.T) {
	var log bytes.Buffer
	for _, name := range []string{"a", "b", "c"} {
		if err := (Line{Spec: &harness.Finished{Name: name}}).Write(&log); err != nil {
			t.Fatal(err)
		}
	}
	if err := (Line{Result: &Result{Bytes: 7, SHA256: "x"}}).Write(&log); err != nil {
		t.Fatal(err)
	}
	whole := "something else\n" + log.String()
	var told []string
	l := &Launch{Each: func(shard string, spec harness.Finished) { told = append(told, shard+spec.Name) }}
	passed := 0
	cut := strings.Index(whole, `"c"`) // in the middle of a line
	if result := l.pass(strings.NewReader(whole[:cut]), "1", &passed); result != nil {
		t.Errorf("a log without a result has %v", result)
	}
	result := l.pass(strings.NewReader(whole), "1", &passed)
	if result == nil || result.Bytes != 7 || result.SHA256 != "x" {
		t.Errorf("the result is %v", result)
	}
	if got := strings.Join(told, " "); got != "1a 1b 1c" {
		t.Errorf("told %q, want each spec once", got)
	}
}

func TestConfigIsReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"shards: 2\nprocesses: 3\nshrads: 1\n": "did you mean shards?",
		"shards: 0\nprocesses: 3\n":            "0 shards",
	} {
		if _, err := ParseConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error for %q is %v, want one with %q", text, err, want)
		}
	}
}
