package image

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"testing"
)

func TestSumIsThatOfTheWholeFile(t *testing.T) {
	for name, path := range map[string]string{
		"empty":              sparseFile(t, 0),
		"small":              sparseFile(t, 5, run{0, []byte("12345")}),
		"only a hole":        sparseFile(t, 3*mib+17),
		"hole at the start":  sparseFile(t, 3*mib, run{2 * mib, pattern(1, mib)}),
		"hole in the middle": sparseFile(t, 4*mib, run{0, pattern(2, mib)}, run{3 * mib, pattern(3, mib)}),
		"hole at the end":    sparseFile(t, 3*mib+511, run{0, pattern(4, mib+4096)}),
		"holes and data":     sparseFile(t, 5*mib+1, run{4096, pattern(5, 4096)}, run{2*mib - 1, pattern(6, 2)}, run{5 * mib, []byte{7}}),
	} {
		content, err := os.ReadFile(path)
		must(t, err)
		want := sha512.Sum512(content)
		got, err := Sum(t.Context(), path, nil)
		if err != nil || got != hex.EncodeToString(want[:]) {
			t.Errorf("%s: %q, %v, want %x", name, got, err, want)
		}
	}
}

func TestSumTellsItsProgress(t *testing.T) {
	var told []int
	_, err := Sum(t.Context(), sparseFile(t, 8*mib, run{mib, pattern(1, 4*mib)}), func(percent int) { told = append(told, percent) })
	must(t, err)
	if !slices.IsSorted(told) || len(told) < 4 || told[len(told)-1] != 100 {
		t.Errorf("progress was %v", told)
	}
}

func TestSumEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Sum(ctx, sparseFile(t, 16*mib), func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestSumNeedsARegularFile(t *testing.T) {
	for _, path := range []string{t.TempDir(), os.DevNull, "/nonexistent"} {
		if sum, err := Sum(t.Context(), path, nil); err == nil {
			t.Errorf("%s has sum %s", path, sum)
		}
	}
}
