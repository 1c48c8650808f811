package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for want, samples := range map[float64][]float64{1: {1}, 2: {3, 1, 2}, 3.5: {9, 3, 1, 4}} {
		if got := median(samples); got != want {
			t.Errorf("median of %v is %v, want %v", samples, got, want)
		}
	}
}

func TestTableHasMediansSpreadsAndTargets(t *testing.T) {
	var filled table
	row := figure{name: "seconds", format: "%.1f", target: tenTimesFaster}
	for column, samples := range map[string][]float64{oursName: {2, 1, 4}, scanName: {24, 20, 28}, resticName: {9}} {
		for _, sample := range samples {
			filled.add(row, column, sample)
		}
	}
	filled.add(figure{name: "memory", format: "%.0f", target: under200}, oursName, 200)
	var printed bytes.Buffer
	if err := filled.print(&printed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2.0 (1.0..4.0)", "24.0 (20.0..28.0)", "  9.0  ", "under 200: missed",
		"10 times faster: met; a full scan takes 12.0 times as long, restic 4.5",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, printed.String())
		}
	}
}

func TestEmptyTablePrintsNothing(t *testing.T) {
	var printed bytes.Buffer
	if err := new(table).print(&printed); err != nil || printed.Len() > 0 {
		t.Errorf("printed %q, %v", printed.String(), err)
	}
}

func TestEveryTargetNamesItsLimit(t *testing.T) {
	for text, got := range map[string]string{
		"at most 2: met":          atMostTwice(map[string]float64{oursName: 2}),
		"at most 2: missed":       atMostTwice(map[string]float64{oursName: 2.1}),
		"under 200: met":          under200(map[string]float64{oursName: 199}),
		"10 times faster: missed": strings.SplitN(tenTimesFaster(map[string]float64{oursName: 1, scanName: 9}), ";", 2)[0],
	} {
		if got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}
