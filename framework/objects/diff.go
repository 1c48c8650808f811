package objects

import (
	"maps"
	"slices"
	"strings"
)

// Change is one difference between two snapshots.
type Change struct {
	// Object is its key.
	Object string
	// Sign is + for one that has appeared, - for one that has gone, ~ for one that is another.
	Sign string
	// Fields are those that differ, for ~ only.
	Fields []string
}

// String is a line for people.
func (c Change) String() string {
	if len(c.Fields) == 0 {
		return c.Sign + " " + c.Object
	}
	return c.Sign + " " + c.Object + ": " + strings.Join(c.Fields, ", ")
}

// Diff lists what is different after, sorted by object.
func Diff(before, after *Snapshot) []Change {
	var changes []Change
	for _, object := range slices.Sorted(maps.Keys(before.Objects)) {
		fields, there := after.Objects[object]
		if !there {
			changes = append(changes, Change{Object: object, Sign: "-"})
		} else if different := differing(before.Objects[object], fields); len(different) > 0 {
			changes = append(changes, Change{Object: object, Sign: "~", Fields: different})
		}
	}
	for _, object := range slices.Sorted(maps.Keys(after.Objects)) {
		if _, there := before.Objects[object]; !there {
			changes = append(changes, Change{Object: object, Sign: "+"})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.Object, b.Object) })
	return changes
}

func differing(before, after map[string]string) []string {
	var fields []string
	for field, hash := range before {
		if after[field] != hash {
			fields = append(fields, field)
		}
	}
	for field := range after {
		if _, there := before[field]; !there {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}
