package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// table holds the samples by row and contender, in the order in which they came.
type table struct {
	rows    []string
	columns []string
	samples map[string]map[string][]float64
	formats map[string]string
}

func (t *table) add(row, column, format string, value float64) {
	if t.samples == nil {
		t.samples, t.formats = map[string]map[string][]float64{}, map[string]string{}
	}
	if t.samples[row] == nil {
		t.samples[row] = map[string][]float64{}
		t.rows = append(t.rows, row)
		t.formats[row] = format
	}
	if !slices.Contains(t.columns, column) {
		t.columns = append(t.columns, column)
	}
	t.samples[row][column] = append(t.samples[row][column], value)
}

func (t *table) rate(row, column string, bytes int64, took time.Duration) {
	t.add(row+", MiB/s", column, "%.0f", float64(bytes)/float64(mib)/took.Seconds())
}
func (t *table) seconds(row, column string, took time.Duration) {
	t.add(row+", s", column, "%.1f", took.Seconds())
}
func (t *table) ratio(row, column string, value float64)  { t.add(row, column, "%.2f", value) }
func (t *table) memory(row, column string, value float64) { t.add(row, column, "%.0f", value) }

// print writes medians with the spread, and what was aimed at.
func (t *table) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "median (min-max)")
	for _, column := range t.columns {
		fmt.Fprint(w, "\t", column)
	}
	fmt.Fprintln(w, "\ttarget")
	for _, row := range t.rows {
		fmt.Fprint(w, row)
		for _, column := range t.columns {
			fmt.Fprint(w, "\t", t.cell(row, column))
		}
		fmt.Fprintln(w, "\t"+t.verdict(row))
	}
	return w.Flush()
}

func (t *table) cell(row, column string) string {
	samples := t.samples[row][column]
	if len(samples) == 0 {
		return "-"
	}
	format := t.formats[row]
	return fmt.Sprintf(format+" ("+format+"-"+format+")", median(samples), slices.Min(samples), slices.Max(samples))
}

func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// verdict compares a row with what the project aims at, "" where it aims at nothing.
func (t *table) verdict(row string) string {
	mine := t.samples[row][t.columns[0]]
	switch {
	case len(mine) == 0:
		return ""
	case row == "incremental, 1 % in whole blocks, bytes read / changed":
		return met(median(mine) <= 2, "at most 2")
	case row == "incremental, 1 % in whole blocks, time, s" && len(t.columns) > 1:
		times := median(t.samples[row][t.columns[1]]) / median(mine)
		return met(times >= 10, fmt.Sprintf("10 times faster than a full scan; it is %.1f times", times))
	case t.formats[row] == "%.0f" && len(row) > 4 && row[:4] == "peak":
		return met(median(mine) < 200, "under 200")
	}
	return ""
}

func met(ok bool, target string) string {
	if ok {
		return target + ": met"
	}
	return target + ": missed"
}

// emptyStore removes what is at a place, to make room.
func (b *bench) emptyStore(ctx context.Context, place string) error {
	client, err := minio.New(b.store.address, &minio.Options{Creds: credentials.NewStaticV4(b.store.user, b.store.secret, ""), Region: region})
	if err != nil {
		return err
	}
	for failed := range client.RemoveObjects(ctx, bucket, client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: place + "/", Recursive: true}), minio.RemoveObjectsOptions{}) {
		return fmt.Errorf("remove %s from the store: %w", failed.ObjectName, failed.Err)
	}
	return nil
}
