package page

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

// failure is all that is known of one failed spec.
type failure struct {
	report.Spec
	ID string
	// Open says whether it is shown unfolded at first.
	Open bool
	// Rules are what was violated, as far as the failure tells, and Others what
	// else the spec checks.
	Rules, Others []report.RatedClause
	Finding       finding
	// Why is the chain that leads to the cause of a wait in vain, "" when there is none.
	Why string
	// Entries is what happened meanwhile, and Omitted how many lines after the
	// first Head had no room.
	Entries       []entry
	Omitted, Head int
	// Files are the names of the files with evidence, nil when there are none.
	Files []string
}

const (
	// evidenceBudget is about how many bytes of the page all failures may take
	// together: with 130 specs the page stays below three mebibytes.
	evidenceBudget = 2 << 20
	// specBudget is how many one of them may take.
	specBudget = 128 << 10
	// opened is how many failed specs are shown unfolded.
	opened = 3
	// maxMessage is how much of a message is shown, in bytes.
	maxMessage = 6 << 10
	// maxFurther is how many failures after the first are shown.
	maxFurther = 3
)

// failures describes every spec with one of the results, in the order of the report.
func failures(r *report.Report, evidence fs.FS, results ...report.Result) []failure {
	at, rules := anchors(r), map[string]report.RatedClause{}
	for _, clause := range r.Clauses.All() {
		rules[clause.ID] = clause
	}
	var all []failure
	for _, spec := range r.Specs {
		if !slices.Contains(results, spec.Result) {
			continue
		}
		share := evidenceBudget / max(len(at), 1)
		f := failure{ID: at[spec.Name], Open: len(all) < opened}
		f.tell(spec, min(share/4, maxMessage))
		f.sortRules(rules)
		f.collect(evidence, min(share/2, specBudget))
		all = append(all, f)
	}
	return all
}

// sortRules finds the clauses of the spec. A failure that begins with the id of
// one, as in "I-14: restoreSize is the provisioned size", is about that one. A quirk
// cannot be violated.
func (f *failure) sortRules(rules map[string]report.RatedClause) {
	named, _, _ := strings.Cut(f.Finding.About, ":")
	known := slices.Contains(f.Clauses, named)
	for _, id := range f.Clauses {
		rule, ok := rules[id]
		switch {
		case !ok:
		case rule.Class == contract.Quirk, known && id != named:
			f.Others = append(f.Others, rule)
		default:
			f.Rules = append(f.Rules, rule)
		}
	}
}

// RulesTitle says how far it is known which of the rules was violated.
func (f failure) RulesTitle() string {
	switch {
	case f.Result == report.SpecFlaky && len(f.Rules) == 1:
		return "Not kept at first"
	case f.Result == report.SpecFlaky:
		return "Not kept at first was at least one of these"
	case f.Result != report.SpecFailed:
		return "Not checked to the end"
	case strings.HasPrefix(f.Message, "after the spec: "):
		return "Counted as violated, because the cleanup failed"
	case len(f.Rules) == 1:
		return "Violated"
	}
	return "Violated is at least one of these"
}

// tell takes over the spec with its texts fit to be shown, the message at most so
// many bytes long, and half as many for all that failed further on.
func (f *failure) tell(spec report.Spec, limit int) {
	spec.Message = shown(spec.Message, limit)
	var further []string
	for _, message := range spec.Further[:min(len(spec.Further), maxFurther)] {
		further = append(further, shown(message, limit/2/maxFurther))
	}
	spec.Further = further
	f.Spec, f.Finding = spec, newFinding(spec.Message)
}

// collect reads the spec's folder with evidence.
func (f *failure) collect(evidence fs.FS, budget int) {
	entries := specEntries(f.Spec)
	if f.Evidence != "" && fs.ValidPath(f.Evidence) {
		files, _ := fs.ReadDir(evidence, f.Evidence)
		read := func(name string) string {
			text, _ := fs.ReadFile(evidence, path.Join(f.Evidence, name))
			return string(text)
		}
		objects := readObjects(read("objects.yaml"))
		entries = append(entries, objectEntries(objects)...)
		entries = append(entries, eventEntries(read("events.txt"), f.Started)...)
		entries = append(entries, callEntries(read("csi-calls.txt"), f.Started)...)
		f.Why = shown(read("why.txt"), min(budget, maxMessage))
		known := names(read("names.txt"), objects)
		for _, file := range files {
			f.Files = append(f.Files, file.Name())
			container, ok := strings.CutPrefix(strings.TrimSuffix(file.Name(), ".txt"), "log-")
			if ok {
				entries = append(entries, logEntries(container, read(file.Name()), known, f.Started)...)
			}
		}
	}
	entries = within(entries, f.Started)
	f.Entries, f.Omitted, f.Head = arrange(entries, f.Started, budget)
}

// names are those by which logs tell the spec's objects: its namespace and the
// generated names. "source" would match anything. Those that were collected have the
// ones of objects that are gone too.
func names(collected string, objects []object) []string {
	all := strings.Fields(collected)
	for _, o := range objects {
		for _, name := range []string{o.Metadata.Name, o.Metadata.Namespace} {
			if len(name) >= 16 && strings.Contains(name, "-") && name != "longhorn-system" {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// within drops what was before the spec: objects that it did not make.
func within(entries []entry, began time.Time) []entry {
	var all []entry
	for _, e := range entries {
		if !e.Time.Before(began.Add(-time.Second)) {
			all = append(all, e)
		}
	}
	return all
}
