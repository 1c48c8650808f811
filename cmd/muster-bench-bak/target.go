package main

import "fmt"

// tenTimesFaster compares seconds with those of a full scan, and tells restic's for comparison.
func tenTimesFaster(seconds map[string]float64) string {
	scan, found := seconds[scanName]
	if !found {
		return ""
	}
	times := scan / seconds[oursName]
	said := fmt.Sprintf("%s; a full scan takes %.1f times as long", met(times >= 10, "10 times faster"), times)
	if other, found := seconds[resticName]; found {
		said += fmt.Sprintf(", restic %.1f", other/seconds[oursName])
	}
	return said
}

// atMostTwice is about bytes read per byte changed.
func atMostTwice(ratio map[string]float64) string { return met(ratio[oursName] <= 2, "at most 2") }

// under200 is about MiB of memory.
func under200(memory map[string]float64) string { return met(memory[oursName] < 200, "under 200") }

func met(ok bool, target string) string {
	if ok {
		return target + ": met"
	}
	return target + ": missed"
}
