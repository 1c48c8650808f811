package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/contract"
)

// evidenceEntry is the name of the Ginkgo report entry in which a failed spec
// says where its evidence is.
const evidenceEntry = "evidence"

// Suite is what Ginkgo's JSON report says of one run.
type Suite struct {
	// Specs are the selected specs by name, and failed set-up or clean-up of
	// the suite as specs of their own.
	Specs []Spec
	// Started is when the suite began.
	Started time.Time
	// Seconds is how long it ran.
	Seconds float64
	// Trouble are reasons for a failure that belong to no spec.
	Trouble []string
	// Leaks are what the leak checks named, each thing once.
	Leaks []Leak
	// Quirks are the observations of the specs.
	Quirks []Quirk

	steps durations
}

// ReadSuite reads a JSON report of Ginkgo. Evidence folders are made relative
// to dir. Specs that the focus or the label filter left out are dropped.
func ReadSuite(path, dir string) (*Suite, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the suite's own report: %w", err)
	}
	var reports []types.Report
	if err := json.Unmarshal(data, &reports); err != nil {
		return nil, fmt.Errorf("the suite's own report %s is damaged: %w", path, err)
	}
	if len(reports) != 1 {
		return nil, fmt.Errorf("the suite's own report %s is about %d suites, want one", path, len(reports))
	}
	return newSuite(reports[0], dir), nil
}

func newSuite(r types.Report, dir string) *Suite {
	suite := &Suite{Started: r.StartTime.UTC(), Seconds: seconds(r.RunTime), Trouble: r.SpecialSuiteFailureReasons, steps: durations{}}
	var leaks []Leak
	for _, s := range r.SpecReports {
		switch {
		case s.LeafNodeType == types.NodeTypeIt && selected(s):
			suite.Specs = append(suite.Specs, newSpec(s, dir))
			leaks = append(leaks, leaksOf(s, s.FullText())...)
			suite.Quirks = append(suite.Quirks, quirksOf(s)...)
			stepDurations(suite.steps, s)
		case s.LeafNodeType != types.NodeTypeIt && s.Failed():
			spec := newSpec(s, dir)
			spec.Name = suiteNode(s.LeafNodeType)
			suite.Specs = append(suite.Specs, spec)
			leaks = append(leaks, leaksOf(s, "")...)
		}
	}
	sort.SliceStable(suite.Specs, func(i, j int) bool { return suite.Specs[i].Name < suite.Specs[j].Name })
	// What specs left comes first: the check at the end finds it again and knows less.
	sort.SliceStable(leaks, func(i, j int) bool { return leaks[i].Spec != "" && leaks[j].Spec == "" })
	suite.Leaks, suite.Quirks = uniqueLeaks(leaks), sortQuirks(suite.Quirks)
	return suite
}

// selected reports whether a spec was meant to run: Ginkgo shows those that a
// filter left out as skipped, without a message.
func selected(s types.SpecReport) bool {
	return !s.State.Is(types.SpecStateSkipped) || s.Failure.Message != ""
}

func newSpec(s types.SpecReport, dir string) Spec {
	spec := Spec{
		Name:     s.FullText(),
		Labels:   contract.Capabilities(s.Labels()),
		Clauses:  contract.IDs(s.Labels()),
		Result:   ResultOf(s.State.String(), s.NumAttempts),
		Started:  millisecond(s.StartTime),
		Seconds:  seconds(s.RunTime),
		Attempts: s.NumAttempts,
		Process:  s.ParallelProcess,
	}
	if all := failuresOf(s); len(all) > 0 {
		spec.Message = clean(all[0].Message)
		for _, more := range all[1:] {
			spec.Further = append(spec.Further, clean(more.Message))
		}
		if spec.Result == SpecFailed || spec.Result == SpecFlaky {
			spec.locate(all[0])
		}
	}
	if spec.Result == SpecFailed {
		spec.Steps, _ = stepsOf(s)
	}
	for _, entry := range s.ReportEntries {
		// That of the failure which is told: the last one, and of a flaky spec the first.
		if entry.Name == evidenceEntry && (spec.Evidence == "" || spec.Result != SpecFlaky) {
			spec.Evidence = relative(dir, entry.StringRepresentation())
		}
		spec.OtherRelease = spec.OtherRelease || entry.Name == contract.OtherRelease
	}
	return spec
}

// seconds rounds to milliseconds: more digits are noise.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

// relative returns path relative to dir where that is possible.
func relative(dir, path string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return path
	}
	short, err := filepath.Rel(absolute, path)
	if err != nil {
		return path
	}
	return short
}
