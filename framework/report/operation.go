package report

import (
	"cmp"
	"math"
	"slices"
)

// Source says who measured an operation.
type Source string

// The sources of measurements.
const (
	// FromCSI operations are CSI calls that the driver answered with OK, as
	// long as its own log says that they took.
	FromCSI Source = "csi"
	// FromSteps operations are steps of specs that passed, from the moment
	// when the spec announced a step until the next one or its end: they are
	// what a user waits for, and include what the spec does to check it.
	FromSteps Source = "step"
)

// Operation is how long one thing took, over the whole run.
type Operation struct {
	// Name is the CSI method, or the step's text without its variable parts.
	Name string `json:"name"`
	// Source is who measured it: csi or step.
	Source Source `json:"source"`
	// Count is how many there were.
	Count int `json:"count"`
	// P50Seconds is the shortest time within which half of them were done.
	P50Seconds float64 `json:"p50Seconds"`
	// P95Seconds is the same for 95 of 100; with fewer than 20 it is the maximum.
	P95Seconds float64 `json:"p95Seconds"`
	// MaxSeconds is how long the slowest took.
	MaxSeconds float64 `json:"maxSeconds"`
}

// durations are measured seconds by name.
type durations map[string][]float64

// operations sums up what was measured, CSI calls first, each source by name.
func operations(calls, steps durations) []Operation {
	all := []Operation{}
	for source, measured := range map[Source]durations{FromCSI: calls, FromSteps: steps} {
		for name, seconds := range measured {
			all = append(all, operation(name, source, seconds))
		}
	}
	slices.SortFunc(all, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func operation(name string, source Source, seconds []float64) Operation {
	sorted := slices.Sorted(slices.Values(seconds))
	return Operation{Name: name, Source: source, Count: len(sorted), P50Seconds: quantile(sorted, 0.50),
		P95Seconds: quantile(sorted, 0.95), MaxSeconds: quantile(sorted, 1)}
}

// quantile is a value that was measured, not one between two: the smallest that
// at least the share q of all does not exceed. Rounded to a tenth of a millisecond.
func quantile(sorted []float64, q float64) float64 {
	at := int(math.Ceil(q*float64(len(sorted)))) - 1
	return math.Round(sorted[max(at, 0)]*1e4) / 1e4
}
