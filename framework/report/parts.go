package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/muster-csi/muster/framework/contract"
)

// Part is what one shard of a run that was split among several says of itself.
type Part struct {
	// Shard is its name.
	Shard string
	// Path is its JSON report, Dir the output directory where it ran.
	Path, Dir string
	// Lanes is how many processes the shards before it had: processes of the whole run
	// are counted through.
	Lanes int
}

// ReadParts reads the reports of several shards as one. A spec that more than one of them
// has run is trouble.
func ReadParts(parts []Part) (*Suite, error) {
	whole := &Suite{steps: durations{}}
	var end time.Time
	var leaks []Leak
	ran := map[string]string{}
	for _, part := range parts {
		suite, err := ReadSuite(part.Path, part.Dir)
		if err != nil {
			return nil, fmt.Errorf("shard %s: %w", part.Shard, err)
		}
		if whole.Started.IsZero() || suite.Started.Before(whole.Started) {
			whole.Started = suite.Started
		}
		if at := suite.Started.Add(time.Duration(suite.Seconds * float64(time.Second))); at.After(end) {
			end = at
		}
		for _, spec := range suite.Specs {
			whole.add(spec, part, ran)
		}
		for _, reason := range suite.Trouble {
			whole.Trouble = append(whole.Trouble, fmt.Sprintf("shard %s: %s", part.Shard, reason))
		}
		leaks, whole.Quirks = append(leaks, suite.Leaks...), append(whole.Quirks, suite.Quirks...)
		for name, all := range suite.steps {
			whole.steps[name] = append(whole.steps[name], all...)
		}
	}
	whole.Seconds = seconds(end.Sub(whole.Started))
	whole.Leaks, whole.Quirks = uniqueLeaks(leaks), sortQuirks(whole.Quirks)
	whole.sort()
	return whole, nil
}

// add adds a spec of a part. What belongs to the suite of a shard, and not to a spec, has
// the same name in all of them.
func (s *Suite) add(spec Spec, part Part, ran map[string]string) {
	spec.Shard = part.Shard
	if spec.Process > 0 {
		spec.Process += part.Lanes
	}
	if strings.HasPrefix(spec.Name, suiteNodes) {
		spec.Name += " of shard " + part.Shard
	}
	if other, again := ran[spec.Name]; again {
		s.Trouble = append(s.Trouble, fmt.Sprintf("shards %s and %s have both run %q", other, part.Shard, spec.Name))
	}
	ran[spec.Name] = part.Shard
	s.Specs = append(s.Specs, spec)
}

func (s *Suite) sort() {
	sort.SliceStable(s.Specs, func(i, j int) bool { return s.Specs[i].Name < s.Specs[j].Name })
}

// NotRun notes specs of a shard that have no result, and why. They say nothing of the
// driver.
func (s *Suite) NotRun(shard string, specs []contract.Spec, why string) {
	if s.Started.IsZero() {
		s.Started = time.Now().UTC()
	}
	var names []string
	for _, spec := range specs {
		if slices.ContainsFunc(s.Specs, func(other Spec) bool { return other.Name == spec.Name }) {
			continue
		}
		names = append(names, spec.Name)
		s.Specs = append(s.Specs, Spec{
			Name: spec.Name, Labels: contract.Capabilities(spec.Labels), Clauses: contract.IDs(spec.Labels),
			Result: SpecInterrupted, Shard: shard, Started: s.Started, Message: "not run: " + why,
		})
	}
	if len(names) > 0 {
		s.Trouble = append(s.Trouble, fmt.Sprintf("%s of shard %s not run, because %s: %s", plural(len(names), "spec"), shard, why, strings.Join(names, "; ")))
	}
	s.sort()
}

// LeftBehind notes what was left when everything had ended.
func (s *Suite) LeftBehind(err error) {
	s.Trouble = append(s.Trouble, err.Error())
	if list := leftAfterRun.FindStringSubmatch(err.Error()); list != nil {
		for name := range strings.SplitSeq(strings.TrimSpace(list[1]), ", ") {
			s.Leaks = append(s.Leaks, Leak{Name: name})
		}
		s.Leaks = uniqueLeaks(s.Leaks)
	}
}
