package sequence

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stopAfter cancels the writer's context once it saw the line of an acknowledgement.
type stopAfter struct {
	bytes.Buffer
	line   string
	cancel context.CancelFunc
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), s.line) {
		s.cancel()
	}
	return s.Buffer.Write(p)
}

func writeRecords(t *testing.T, n int) (path, log string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sequence")
	ctx, cancel := context.WithCancel(context.Background())
	out := &stopAfter{line: fmt.Sprintf("ack %d ", n), cancel: cancel}
	if err := Write(ctx, path, out); err != nil {
		t.Fatal(err)
	}
	return path, out.String()
}

func TestEveryAcknowledgedRecordIsReadBack(t *testing.T) {
	path, log := writeRecords(t, 5)
	found, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Found{Contiguous: 5, Highest: 5}, found); diff != "" {
		t.Error(diff)
	}
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) != 10 {
		t.Fatalf("%d lines, want a begin and an ack for each of 5 records", len(lines))
	}
	for i, line := range lines {
		word := []string{"begin", "ack"}[i%2]
		if want := fmt.Sprintf("%s %d ", word, i/2+1); !strings.HasPrefix(line, want) {
			t.Errorf("line %d is %q, want it to begin with %q", i, line, want)
		}
	}
}

func TestMissingTornAndMisplacedRecordsAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]byte)
		want  Found
	}{
		"hole":      {func(b []byte) { clear(b[2*RecordSize : 3*RecordSize]) }, Found{Contiguous: 2, Highest: 5}},
		"torn":      {func(b []byte) { clear(b[4*RecordSize+2048 : 5*RecordSize]) }, Found{Contiguous: 4, Highest: 4}},
		"misplaced": {func(b []byte) { copy(b[3*RecordSize:], b[:RecordSize]) }, Found{Contiguous: 3, Highest: 5, Misplaced: 1}},
		"nothing":   {func(b []byte) { clear(b) }, Found{}},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := writeRecords(t, 5)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c.spoil(content)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			found, err := Read(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, found); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecondSequenceOnSamePathIsRefused(t *testing.T) {
	path, _ := writeRecords(t, 2)
	err := Write(context.Background(), path, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "already holds a sequence") {
		t.Errorf("Write = %v, want a refusal", err)
	}
}

func TestFullDeviceIsOneSentence(t *testing.T) {
	err := Write(context.Background(), "/dev/full", &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("Write to a full device = %v", err)
	}
}
