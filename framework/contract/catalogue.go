package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"

	fixtures "github.com/muster-csi/muster/fixtures/contract"
	"github.com/muster-csi/muster/internal/nearest"
)

// Catalogue is the whole contract.
type Catalogue struct {
	clauses []Clause
	byID    map[string]int
}

// file is the form of one YAML file.
type file struct {
	Section string   `json:"section"`
	Clauses []Clause `json:"clauses"`
}

// Load returns the contract that this build carries. An error names every
// mistake in the files, and every clause that is not Complete.
func Load() (*Catalogue, error) {
	catalogue, err := Parse(fixtures.Files)
	if err != nil {
		return nil, err
	}
	if err := catalogue.Complete(); err != nil {
		return nil, err
	}
	return catalogue, nil
}

// Complete returns an error for each clause that a user could not make sense
// of: without a capability, or without a meaning although specs can find it
// violated. Parse leaves that open, so that an example can be short.
func (c *Catalogue) Complete() error {
	var missing []error
	for _, clause := range c.Clauses() {
		if clause.Capability == "" {
			missing = append(missing, fmt.Errorf("clause %s needs a capability", clause.ID))
		}
		if clause.Means == "" && clause.Class != Quirk && clause.Checked == BySuite {
			missing = append(missing, fmt.Errorf("clause %s needs means: what does a violation do to a user?", clause.ID))
		}
	}
	return errors.Join(missing...)
}

// Parse reads every *.yaml file in the root of fsys. Unknown keys, missing
// fields and ids that appear twice are errors; all of them are returned
// joined, each with its file and clause.
func Parse(fsys fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the contract's files: %w", err)
	}
	catalogue := &Catalogue{byID: map[string]int{}}
	var mistakes []error
	for _, name := range names {
		mistakes = append(mistakes, catalogue.read(fsys, name)...)
	}
	if len(catalogue.clauses) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, errors.New("the contract has no clauses: no *.yaml file with any"))
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return catalogue, nil
}

// read adds the clauses of one file and returns its mistakes.
func (c *Catalogue) read(fsys fs.FS, name string) []error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return []error{fmt.Errorf("read %s: %w", name, err)}
	}
	var content file
	if err := yaml.UnmarshalStrict(data, &content); err != nil {
		return []error{fmt.Errorf("%s is not a valid contract file: %w", name, err)}
	}
	var mistakes []error
	if strings.TrimSpace(content.Section) == "" {
		mistakes = append(mistakes, fmt.Errorf("%s: section is missing", name))
	}
	for _, clause := range content.Clauses {
		clause.Section = content.Section
		if _, twice := c.byID[clause.ID]; twice {
			mistakes = append(mistakes, fmt.Errorf("%s: clause %s is defined twice", name, clause.ID))
			continue
		}
		for _, mistake := range clause.mistakes() {
			mistakes = append(mistakes, fmt.Errorf("%s: clause %q: %s", name, clause.ID, mistake))
		}
		c.byID[clause.ID] = len(c.clauses)
		c.clauses = append(c.clauses, clause)
	}
	return mistakes
}

var (
	idForm      = regexp.MustCompile(`^[A-Z]-[0-9][0-9A-Z][a-z]?$`)
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)
)

// mistakes returns what is wrong with the clause, in the words of a person
// who has to correct it.
func (c Clause) mistakes() []string {
	var found []string
	wrong := func(bad bool, text string) {
		if bad {
			found = append(found, text)
		}
	}
	wrong(!idForm.MatchString(c.ID), "the id must be a letter, a dash and two digits, such as H-01")
	wrong(c.Class != Must && c.Class != Versioned && c.Class != Quirk, "class must be M, V or Q")
	wrong(c.Class == Versioned && c.Since == "" && c.Until == "", "a clause of class V needs since or until")
	wrong(c.Class != Versioned && c.Since+c.Until+c.Before != "", "since, until and before are for class V only")
	wrong(c.Before != "" && c.Since == "", "before needs since")
	wrong(c.Since != "" && !versionForm.MatchString(c.Since), "since must be a version such as 1.5")
	wrong(c.Until != "" && !versionForm.MatchString(c.Until), "until must be a version such as 1.5")
	if c.Capability != "" {
		_, err := ParseCapability(string(c.Capability))
		wrong(err != nil, fmt.Sprint(err))
	}
	wrong(!strings.HasSuffix(c.Sentence, "."), "the sentence is missing or does not end with a full stop")
	wrong(c.Means != "" && !strings.HasSuffix(c.Means, "."), "means is a sentence and ends with a full stop")
	wrong(c.Source == "", "source is missing: where does the claim come from?")
	wrong(c.Checked != BySuite && c.Checked != ByDriverTests && c.Checked != Open, "checked must be suite, driver or open")
	wrong(c.Checked == Open && c.Reason == "", "an open clause needs a reason")
	wrong(c.Checked != Open && c.Reason != "", "reason is for open clauses only")
	return found
}

// Clauses returns all clauses in the order of their ids.
func (c *Catalogue) Clauses() []Clause {
	sorted := append([]Clause(nil), c.clauses...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].ID < sorted[j].ID })
	return sorted
}

// Find returns the clause that somebody typed the id of, in capitals or not;
// without one the error suggests the nearest.
func (c *Catalogue) Find(id string) (Clause, error) {
	for _, clause := range c.clauses {
		if strings.EqualFold(clause.ID, id) {
			return clause, nil
		}
	}
	return Clause{}, fmt.Errorf("there is no clause %s; did you mean %s?", id, c.nearest(strings.ToUpper(id)))
}

// nearest returns the id that was probably meant; of several those of the same
// letter come first, because a wrong number is likelier than a wrong part.
func (c *Catalogue) nearest(id string) string {
	ids := c.ids()
	sort.SliceStable(ids, func(i, j int) bool { return sameLetter(ids[i], id) && !sameLetter(ids[j], id) })
	return nearest.Of(id, ids)
}

func sameLetter(a, b string) bool { return a != "" && b != "" && a[0] == b[0] }

// Clause returns the clause with the given id, false when there is none.
func (c *Catalogue) Clause(id string) (Clause, bool) {
	at, ok := c.byID[id]
	if !ok {
		return Clause{}, false
	}
	return c.clauses[at], true
}
