package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/longhorn/backupstore/vfs" // a store in a directory, for these tests

	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/engine"
)

// newTestBench returns a bench that needs no root: its engine copies, and its volume is written as a file.
func newTestBench(t *testing.T) (*bench, *os.File, subject) {
	t.Helper()
	b := &bench{options: options{dir: t.TempDir()}, devices: map[string]*os.File{}}
	b.engineDir = filepath.Join(b.dir, "engine")
	var err error
	if b.data, err = engine.Open(t.Context(), engine.Options{Dir: b.engineDir, AllowCopy: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.data.Close() })
	s := subject{volume: "vol", size: 200 * block}
	if err := b.data.CreateVolume(t.Context(), s.volume, s.size); err != nil {
		t.Fatal(err)
	}
	head, err := os.OpenFile(filepath.Join(b.engineDir, "volumes", s.volume, "head.img"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { head.Close() })
	return b, head, s
}

// TestFullScanReadsAllAndRestores: the library alone, as the benchmark drives it.
func TestFullScanReadsAllAndRestores(t *testing.T) {
	t.Parallel()
	b, head, s := newTestBench(t)
	if _, err := b.change(head, s.size, wholeBlocks); err != nil {
		t.Fatal(err)
	}
	if err := b.cut(t.Context(), &s, "snap"); err != nil {
		t.Fatal(err)
	}
	b.store = &store{}
	request := b.request(backup.Create, "", s)
	request.Target = "vfs://" + t.TempDir()
	scanned := strings.TrimSpace(fullScanOf(t, request))
	if read, err := strconv.ParseInt(scanned, 10, 64); err != nil || read != s.size {
		t.Errorf("it says that it read %q bytes, want %d", scanned, s.size)
	}
	request.Operation, request.File = backup.Restore, filepath.Join(t.TempDir(), "restored")
	fullScanOf(t, request)
	want, wantErr := os.ReadFile(head.Name())
	got, err := os.ReadFile(request.File)
	if err := errors.Join(wantErr, err); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the restore differs from the volume")
	}
}

func fullScanOf(t *testing.T, request backup.Request) string {
	t.Helper()
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if err := fullScan(t.Context(), bytes.NewReader(input), &output); err != nil {
		t.Fatal(err)
	}
	return output.String()
}

func TestChangesAreNewData(t *testing.T) {
	t.Parallel()
	b, head, s := newTestBench(t)
	seen := map[string]bool{}
	for _, p := range []pattern{wholeBlocks, scattered, wholeBlocks} {
		before, err := os.ReadFile(head.Name())
		if err != nil {
			t.Fatal(err)
		}
		changed, err := b.change(head, s.size, p)
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(head.Name())
		if err != nil {
			t.Fatal(err)
		}
		blocks := 0
		for at := int64(0); at < s.size; at += block {
			if now := after[at : at+block]; !bytes.Equal(now, before[at:at+block]) {
				blocks++
				if seen[string(now[:4096])] {
					t.Errorf("%s: the block at byte %d is not new", p.name, at)
				}
				seen[string(now[:4096])] = true
			}
		}
		if want := 200 / p.everyNth; blocks != want || changed != int64(want)*p.length {
			t.Errorf("%s: %d blocks and %d bytes changed, want %d and %d", p.name, blocks, changed, want, int64(want)*p.length)
		}
	}
}

func TestHalfCompressibleDataAreHalfZeros(t *testing.T) {
	piece := make([]byte, block)
	half.make(piece, 1)
	if zeros := bytes.Count(piece, []byte{0}); zeros < len(piece)/2 || zeros > len(piece)*51/100 {
		t.Errorf("%d of %d bytes are zero", zeros, len(piece))
	}
}

func TestSizesAreChecked(t *testing.T) {
	good := options{dir: t.TempDir(), runs: 1, mib: 16, incrementalMiB: 256}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	none, huge := good, good
	none.runs, huge.memoryMiB = 0, 1<<40
	for text, o := range map[string]options{"--runs must be": none, "make room": huge} {
		if err := o.check(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
}

func TestCoolDownTakesEveryFile(t *testing.T) {
	b, _, _ := newTestBench(t)
	if err := b.coolDown(t.Context()); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.coolDown(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end it gives %v", err)
	}
}
