package runner

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for want, samples := range map[time.Duration][]time.Duration{
		1: {1}, 2: {3, 1, 2}, 3: {9, 3, 1, 4},
	} {
		if got := median(samples); got != want {
			t.Errorf("median of %v is %v, want %v", samples, got, want)
		}
	}
}

func TestStopwatchNotesTheFirstLineThatNamesTheState(t *testing.T) {
	watch := newStopwatch("node Ready")
	fmt.Fprintln(watch, "  ✓ etcd 0.1 s")
	if _, err := watch.seen(); err == nil || !strings.Contains(err.Error(), "etcd") {
		t.Errorf("error is %v, want one that quotes what was said", err)
	}
	fmt.Fprintln(watch, "  ✓ node Ready 5.0 s")
	first, err := watch.seen()
	if err != nil || first <= 0 {
		t.Fatalf("seen after %v, %v", first, err)
	}
	fmt.Fprintln(watch, "  ✓ node Ready 9.0 s")
	if again, _ := watch.seen(); again != first {
		t.Errorf("a later line changed %v to %v", first, again)
	}
}

func TestCutMetricReadsTheBenchmark(t *testing.T) {
	const line = "BenchmarkSnapshot-2   \t      20\t   9112345 ns/op\t         3.450 cut-ms\n"
	found := cutMetric.FindStringSubmatch(line)
	if found == nil || found[1] != "3.450" {
		t.Errorf("found %q", found)
	}
}
