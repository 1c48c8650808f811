package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// figure is one row of the table.
type figure struct {
	// name says what is measured and its unit, format how a value is written.
	name, format string
	// target says what the project aims at and whether the medians, by column,
	// meet it. It is nil where the project aims at nothing.
	target func(medians map[string]float64) string
}

// table holds the samples by row and column, rows and columns in the order in which they came.
type table struct {
	rows    []figure
	columns []string
	samples map[string]map[string][]float64
}

// add notes one sample.
func (t *table) add(row figure, column string, value float64) {
	if t.samples == nil {
		t.samples = map[string]map[string][]float64{}
	}
	if t.samples[row.name] == nil {
		t.samples[row.name] = map[string][]float64{}
		t.rows = append(t.rows, row)
	}
	if !slices.Contains(t.columns, column) {
		t.columns = append(t.columns, column)
	}
	t.samples[row.name][column] = append(t.samples[row.name][column], value)
}

// print writes medians with the spread, and what was aimed at.
func (t *table) print(out io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "median (min..max)")
	for _, column := range t.columns {
		fmt.Fprint(w, "\t", column)
	}
	fmt.Fprintln(w, "\ttarget")
	for _, row := range t.rows {
		fmt.Fprint(w, row.name)
		for _, column := range t.columns {
			fmt.Fprint(w, "\t", cell(row.format, t.samples[row.name][column]))
		}
		fmt.Fprintln(w, "\t"+t.verdict(row))
	}
	return w.Flush()
}

// cell writes the samples of one figure and contender.
func cell(format string, samples []float64) string {
	switch len(samples) {
	case 0:
		return "-"
	case 1:
		return fmt.Sprintf(format, samples[0])
	}
	return fmt.Sprintf(format+" ("+format+".."+format+")", median(samples), slices.Min(samples), slices.Max(samples))
}

func (t *table) verdict(row figure) string {
	if row.target == nil || len(t.samples[row.name][oursName]) == 0 {
		return ""
	}
	medians := map[string]float64{}
	for column, samples := range t.samples[row.name] {
		medians[column] = median(samples)
	}
	return row.target(medians)
}

func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
