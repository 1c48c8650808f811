package yardstick

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/internal/redact"
)

// read takes the totals, failures and exclusions from the JSON report of Ginkgo
// that a suite has written.
func (d Definition) read(path string, row *report.Yardstick) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s ended without a result: %w", d.Name, err)
	}
	var reports []types.Report
	if err := json.Unmarshal(data, &reports); err != nil {
		return fmt.Errorf("the result of %s in %s is damaged: %w", d.Name, path, err)
	}
	if len(reports) != 1 {
		return fmt.Errorf("the result of %s in %s is about %d suites, want one", d.Name, path, len(reports))
	}
	row.Trouble = append(row.Trouble, reports[0].SpecialSuiteFailureReasons...)
	for _, spec := range reports[0].SpecReports {
		d.count(spec, row)
	}
	d.judgeExclusions(row)
	slices.SortFunc(row.Failures, func(a, b report.YardstickFailure) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(row.Skipped, func(a, b report.YardstickSkip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return nil
}

// count adds one case, or the failure of what a suite does around its cases.
func (d Definition) count(spec types.SpecReport, row *report.Yardstick) {
	name := spec.FullText()
	switch {
	case !spec.LeafNodeType.Is(types.NodeTypeIt):
		if spec.Failed() {
			row.Trouble = append(row.Trouble, fmt.Sprintf("[%s] failed: %s", spec.LeafNodeType, beginning(spec.Failure.Message)))
		}
	case spec.State.Is(types.SpecStateSkipped|types.SpecStatePending) && spec.Failure.Message == "":
		d.countLeftOut(name, spec.State, row)
	case spec.State.Is(types.SpecStateSkipped):
		row.Totals.Skipped++
		addSkip(row, beginning(spec.Failure.Message))
	case spec.State.Is(types.SpecStatePassed):
		row.Totals.Passed++
	default:
		row.Totals.Failed++
		row.Failures = append(row.Failures, report.YardstickFailure{Name: name, Message: beginning(spec.Failure.Message)})
	}
}

// countLeftOut counts a case that did not begin, unless it was not chosen.
func (d Definition) countLeftOut(name string, state types.SpecState, row *report.Yardstick) {
	if !d.chosen(name) {
		return
	}
	for i := range row.Exclusions {
		if strings.Contains(name, row.Exclusions[i].Case) {
			row.Exclusions[i].Count++
			row.Excluded++
			return
		}
	}
	row.Totals.Skipped++
	if state.Is(types.SpecStatePending) {
		addSkip(row, "the suite has it and does not run it")
		return
	}
	addSkip(row, "the run ended before it")
}

// judgeExclusions finds those that leave nothing out: the suite has changed since.
func (d Definition) judgeExclusions(row *report.Yardstick) {
	for _, exclusion := range row.Exclusions {
		if exclusion.Count == 0 {
			row.Trouble = append(row.Trouble, fmt.Sprintf(
				"no case of %s %s has %q in its name any more: remove the exclusion from fixtures/yardsticks/%s.yaml", d.Name, row.Version, exclusion.Case, d.Name))
		}
	}
}

func addSkip(row *report.Yardstick, reason string) {
	for i := range row.Skipped {
		if row.Skipped[i].Reason == reason {
			row.Skipped[i].Count++
			return
		}
	}
	row.Skipped = append(row.Skipped, report.YardstickSkip{Reason: reason, Count: 1})
}

// maxMessage is how many bytes of a message are shown.
const maxMessage = 300

// open are lines that say nothing without the next: "Expected", "to equal", "unexpected error:".
var open = regexp.MustCompile(`^Expected$|^(not )?to [a-z ]+$|:$`)

// beginning is the first sentence of a message, which may go over several lines.
func beginning(message string) string {
	var lines []string
	for line := range strings.Lines(message) {
		line = strings.Join(strings.Fields(line), " ")
		if n := len(lines); n > 0 && !open.MatchString(lines[n-1]) && !strings.HasPrefix(line, "to ") && !strings.HasPrefix(line, "not to ") {
			break
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	text := redact.Text(strings.Join(lines, " "))
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + " …"
	}
	return text
}
