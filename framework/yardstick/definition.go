// Package yardstick runs test suites of others against the driver under test: they
// were written without muster in mind, so that driver and suite cannot share an
// error. It starts them, reads what they say and names what was left out and why;
// report shows it.
package yardstick

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/fixtures/yardsticks"
	"github.com/muster-csi/muster/internal/nearest"
)

// Definition is one file of fixtures/yardsticks.
type Definition struct {
	// Name is that of the yardstick, of the file and of the folder with its output.
	Name string `json:"name"`
	// About says in one sentence what it tests.
	About string `json:"about"`
	// Program is the component that it is; its version is the yardstick's.
	Program string `json:"program"`
	// Components are the optional components that it needs, by their names in the catalogue.
	Components []string `json:"components"`
	// Images are references that the program must ask for, so that what was
	// assembled under them is used.
	Images []string `json:"images"`
	// Arguments are the program's.
	Arguments []string `json:"arguments"`
	// Focus are regular expressions; a case is chosen that one of them matches, and
	// without any every case.
	Focus []string `json:"focus"`
	// Skip are regular expressions; a case that one matches is not chosen.
	Skip []string `json:"skip"`
	// Excluded are chosen cases that are left out all the same.
	Excluded []Exclusion `json:"excluded"`
}

// Load reads all definitions, in the order in which they are run. Unknown keys,
// missing values and regular expressions that are none are errors.
func Load() ([]Definition, error) {
	var all []Definition
	for _, name := range yardsticks.Names() {
		text, err := fs.ReadFile(yardsticks.Files, name+".yaml")
		if err != nil {
			return nil, err
		}
		definition, err := parse(text)
		if err == nil && definition.Name != name {
			err = fmt.Errorf("its name is %q", definition.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("fixtures/yardsticks/%s.yaml: %w", name, err)
		}
		all = append(all, definition)
	}
	return all, nil
}

// Select returns the definitions of the names; "1" and "all" mean every one.
func Select(names []string) ([]Definition, error) {
	all, err := Load()
	if err != nil {
		return nil, err
	}
	known := yardsticks.Names()
	for _, name := range names {
		if name == "1" || name == "all" {
			return all, nil
		}
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no yardstick %q, did you mean %q? (1 means all: %s)",
				name, nearest.Of(name, known), strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(d Definition) bool { return !slices.Contains(names, d.Name) }), nil
}

func parse(text []byte) (Definition, error) {
	var d Definition
	if err := yaml.UnmarshalStrict(text, &d); err != nil {
		return d, err
	}
	if d.Name == "" || d.About == "" || d.Program == "" || !slices.Contains(d.Components, d.Program) {
		return d, fmt.Errorf("it needs name, about, and a program that is one of its components")
	}
	for _, expression := range slices.Concat(d.Focus, d.Skip) {
		if _, err := regexp.Compile(expression); err != nil {
			return d, err
		}
	}
	for _, exclusion := range d.Excluded {
		if err := exclusion.check(); err != nil {
			return d, fmt.Errorf("excluded case %q: %w", exclusion.Case, err)
		}
	}
	return d, nil
}

// chosen reports whether the case is one of those that the yardstick is about.
func (d Definition) chosen(name string) bool {
	matches := func(expression string) bool { return regexp.MustCompile(expression).MatchString(name) }
	return (len(d.Focus) == 0 || slices.ContainsFunc(d.Focus, matches)) && !slices.ContainsFunc(d.Skip, matches)
}

// flags are Ginkgo's for what is chosen, each with the prefix.
func (d Definition) flags(prefix string) []string {
	var flags []string
	for _, expression := range d.Focus {
		flags = append(flags, prefix+"focus="+expression)
	}
	for _, expression := range d.Skip {
		flags = append(flags, prefix+"skip="+expression)
	}
	for _, exclusion := range d.Excluded {
		flags = append(flags, prefix+"skip="+regexp.QuoteMeta(exclusion.Case))
	}
	return flags
}
