package report

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// The form of JUnit's XML, as far as CI systems read it. Times are in seconds.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		junitCounts
		Suite junitSuite `xml:"testsuite"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name       string          `xml:"name,attr"`
		Class      string          `xml:"classname,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Failure    *junitProblem   `xml:"failure"`
		Error      *junitProblem   `xml:"error"`
		Flaky      *junitProblem   `xml:"flakyFailure"`
		Skipped    *junitProblem   `xml:"skipped"`
		Output     string          `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit returns the specs in the form that CI systems read. The suite's properties
// name who was examined and where, those of each test case its clauses and labels.
// A spec that was interrupted is an error, not a failure: it says nothing.
func (r *Report) JUnit() ([]byte, error) {
	suite := junitSuite{Name: "muster", Timestamp: r.Date.Format(time.RFC3339), Properties: r.junitProperties()}
	for _, spec := range r.Specs {
		suite.Cases = append(suite.Cases, spec.junit())
		switch spec.Result {
		case SpecFailed:
			suite.Failures++
		case SpecInterrupted:
			suite.Errors++
		case SpecSkipped:
			suite.Skipped++
		}
	}
	suite.Tests, suite.Time = len(r.Specs), junitTime(r.Run.Seconds)
	text, err := xml.MarshalIndent(junitSuites{junitCounts: suite.junitCounts, Suite: suite}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the specs as JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func (r *Report) junitProperties() []junitProperty {
	all := []junitProperty{
		{"implementation", r.Implementation.Name}, {"version", r.Implementation.Version}, {"contract", r.Implementation.Contract},
		{"verdict", string(r.Verdict)}, {"kubernetes", r.Environment.Kubernetes}, {"clusterProvider", r.Environment.ClusterProvider},
	}
	for _, profile := range r.Profiles {
		all = append(all, junitProperty{"profile." + profile.Name, string(profile.Result)})
	}
	return all
}

func (s Spec) junit() junitCase {
	c := junitCase{Name: s.Name, Class: strings.Join(append([]string{"muster"}, s.Labels[:min(1, len(s.Labels))]...), "."), Time: junitTime(s.Seconds)}
	for _, id := range s.Clauses {
		c.Properties = append(c.Properties, junitProperty{"clause", id})
	}
	for _, label := range s.Labels {
		c.Properties = append(c.Properties, junitProperty{"label", label})
	}
	if s.Shard != "" {
		c.Properties = append(c.Properties, junitProperty{"shard", s.Shard})
	}
	problem := &junitProblem{Message: first(s.Message), Text: strings.Join(append([]string{s.Message}, s.Further...), "\n\n")}
	switch s.Result {
	case SpecFailed:
		c.Failure = problem
	case SpecInterrupted:
		c.Error = problem
	case SpecFlaky: // as Maven's Surefire writes a test that passed on a rerun
		c.Flaky = problem
	case SpecSkipped:
		c.Skipped = problem
	}
	if s.Attempts > 1 {
		c.Properties = append(c.Properties, junitProperty{"attempts", fmt.Sprint(s.Attempts)})
	}
	if s.Location != "" {
		c.Output += "at " + s.Location + "\n"
	}
	if s.Evidence != "" {
		c.Output += "evidence: " + s.Evidence + "\n"
	}
	return c
}

// first is the first line of a text.
func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }
