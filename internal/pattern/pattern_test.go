package pattern

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFillDependsOnSeedAndOffsetOnly(t *testing.T) {
	whole := make([]byte, 2*MiB)
	Fill(whole, 7, 0)
	part := make([]byte, MiB)
	Fill(part, 7, MiB)
	if !bytes.Equal(whole[MiB:], part) {
		t.Error("the second MiB differs when it is generated alone")
	}
	if bytes.Equal(whole[:MiB], whole[MiB:]) {
		t.Error("the pattern repeats itself after 1 MiB")
	}
	other := make([]byte, MiB)
	Fill(other, 8, MiB)
	if bytes.Equal(part, other) {
		t.Error("two seeds gave the same content")
	}
}

func TestWrittenContentVerifiesAndSums(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "data")
	sum, err := Write(ctx, path, 3, Range{Offset: MiB, Length: 2 * MiB})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(content) != 3*MiB {
		t.Fatalf("file has %d bytes, want %d", len(content), 3*MiB)
	}
	direct := sha256.Sum256(content[MiB:])
	if want := hex.EncodeToString(direct[:]); sum != want {
		t.Errorf("Write reported %s, the file's content has %s", sum, want)
	}
	if again, err := Sum(ctx, path, Range{Offset: MiB}); err != nil || again != sum {
		t.Errorf("Sum = %s, %v; want %s", again, err, sum)
	}
	if err := Verify(ctx, path, 3, Range{Offset: MiB, Length: 2 * MiB}); err != nil {
		t.Errorf("Verify of untouched content: %v", err)
	}
	if err := Verify(ctx, path, 3, Range{Length: MiB}); err == nil {
		t.Error("Verify accepted a hole as pattern")
	}
}

func TestZeroOverwritesWhatItIsToldTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "content")
	if _, err := Write(t.Context(), path, 1, Range{Length: 3 * MiB}); err != nil {
		t.Fatal(err)
	}
	if err := Zero(t.Context(), path, Range{Offset: MiB, Length: MiB}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content[MiB:2*MiB], make([]byte, MiB)) {
		t.Error("the range is not zero")
	}
	for _, r := range []Range{{Length: MiB}, {Offset: 2 * MiB, Length: MiB}} {
		if err := Verify(t.Context(), path, 1, r); err != nil {
			t.Errorf("beside the range: %v", err)
		}
	}
}

func TestVerifyNamesFirstDifferingByte(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "data")
	if _, err := Write(ctx, path, 3, Range{Length: 2 * MiB}); err != nil {
		t.Fatal(err)
	}
	content, _ := os.ReadFile(path)
	const at = MiB + 12345
	content[at] ^= 0xff
	content[at+9] ^= 0xff
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var mismatch *Mismatch
	if err := Verify(ctx, path, 3, Range{Length: 2 * MiB}); !errors.As(err, &mismatch) || mismatch.Offset != at {
		t.Errorf("Verify = %v, want a mismatch at byte %d", err, at)
	}
}

func TestShortContentIsAnErrorThatTellsTheSize(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "data")
	if _, err := Write(ctx, path, 3, Range{Length: MiB}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Verify": Verify(ctx, path, 3, Range{Length: 2 * MiB}),
		"Sum":    func() error { _, err := Sum(ctx, path, Range{Length: 2 * MiB}); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "holds 1048576 bytes") {
			t.Errorf("%s = %v, want an error that tells the size", name, err)
		}
	}
}

func TestCancelledWriteStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Write(ctx, filepath.Join(t.TempDir(), "data"), 1, Range{Length: MiB}); !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want context.Canceled", err)
	}
}

func BenchmarkFill(b *testing.B) {
	buf := make([]byte, MiB)
	b.SetBytes(MiB)
	for b.Loop() {
		Fill(buf, 1, 0)
	}
}
