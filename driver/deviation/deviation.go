// Package deviation is the registry of named, switchable deviations of the
// reference driver from its contract. A Quirk is what Longhorn really does
// against the CSI specification or common sense; a Defect is a planted bug
// that a conformance suite must catch. None is on by default. The code of a
// deviation lives at the place where a real driver would err, never here.
package deviation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-csi/muster/internal/nearest"
)

// Name identifies one deviation, as written on the command line.
type Name string

// Kind tells why a deviation exists.
type Kind string

const (
	// Quirk is behaviour of real Longhorn that the contract reports but does not ask for.
	Quirk Kind = "Quirk"
	// Defect is a planted bug that at least one spec must catch.
	Defect Kind = "Defect"
)

// Deviation describes one entry of the registry.
type Deviation struct {
	// Name is what --deviate takes.
	Name Name
	// Kind is Quirk or Defect.
	Kind Kind
	// Capability is the Ginkgo label of the specs that must notice it, as snap, restore or bak-create.
	Capability string
	// Clause is the contract clause that is broken, as "C-20".
	Clause string
	// Summary says in one sentence what the driver does then.
	Summary string
}

// Set is a set of deviations that are switched on. The zero value has none.
type Set struct {
	names map[Name]struct{}
}

// registry is every deviation in the order in which All lists it.
var registry = slices.Concat(controlSide, calls, answers, dataSide, backups, images, quirks)

// NewSet returns the set of the given names, which must be registered.
func NewSet(names ...Name) Set {
	set := Set{names: make(map[Name]struct{}, len(names))}
	for _, name := range names {
		set.names[name] = struct{}{}
	}
	return set
}

// Parse reads a comma-separated list; empty text is the empty set. An unknown
// name is an error that suggests the nearest registered one.
func Parse(text string) (Set, error) {
	var names []Name
	for field := range strings.SplitSeq(text, ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		if _, found := Lookup(Name(field)); !found {
			return Set{}, fmt.Errorf("unknown deviation %q: did you mean %q? All names are listed by driver/deviation", field, nearest.Of(field, registered()))
		}
		names = append(names, Name(field))
	}
	return NewSet(names...), nil
}

// Has reports whether the deviation is switched on.
func (s Set) Has(name Name) bool {
	_, found := s.names[name]
	return found
}

// Names returns what is switched on, sorted.
func (s Set) Names() []Name {
	names := make([]Name, 0, len(s.names))
	for name := range s.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// String is the form that Parse reads.
func (s Set) String() string {
	names := s.Names()
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ",")
}

// All returns a copy of the registry in its listed order.
func All() []Deviation { return slices.Clone(registry) }

// Lookup returns the registered deviation of that name and whether there is one.
func Lookup(name Name) (Deviation, bool) {
	for _, d := range registry {
		if d.Name == name {
			return d, true
		}
	}
	return Deviation{}, false
}

func registered() []string {
	names := make([]string, len(registry))
	for i, d := range registry {
		names[i] = string(d.Name)
	}
	return names
}
