package report

import (
	"encoding/xml"
	"strings"
	"testing"
)

// hostile is a report whose texts try to be more than text.
func hostile(t *testing.T) *Report {
	t.Helper()
	in := input()
	in.Suite.Specs[1].Name = "b <script>alert(1)</script> | `x` [y](z)"
	in.Suite.Specs[1].Message = "no <b>bold</b>\n```\n</failure>\x00"
	in.Suite.Specs[2].Message = "cannot | here\nsecond line"
	return Build(in, catalogue(t))
}

func TestSummaryHasWhatAPersonMustKnow(t *testing.T) {
	text := string(hostile(t).Summary())
	for _, want := range []string{
		"# ❌ The reference driver dev does not pass muster against contract 1.12",
		`Only specs whose labels match "restore" and whose text matches "restore" were selected.`,
		"**1 of 5 selected specs have no result: the suite ended before they ran**", "Container c of pod p crashed once: Error, exit code 2.",
		"| specs | 1 | 1 | 1 | 1 |", "## Passed only when tried again\n\n### ~ d", "| profile core: **fail** | 1 | 1 | | 1 | 2 |",
		"* **R-11** Sizes are equal.", "at `b.go:1`\n\nevidence in `failed/b`\n",
		`* c: cannot \| here`, "* **R-14 present** refused", "* PersistentVolume pvc-1 by b",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	for _, bad := range []string{"<script>", "| `x`", "[y](z)", "second line"} {
		if strings.Contains(text, bad) {
			t.Errorf("the summary has %q:\n%s", bad, text)
		}
	}
	if !strings.Contains(text, "````text\nno <b>bold</b>\n```\n</failure>") {
		t.Errorf("the message is not fenced so that it cannot end the fence:\n%s", text)
	}
}

func TestJUnitNamesClausesAndSurvivesItsReader(t *testing.T) {
	text, err := hostile(t).JUnit()
	if err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if c := got.Suite.junitCounts; c.Tests != 4 || c.Failures != 1 || c.Skipped != 1 || c.Errors != 0 {
		t.Errorf("counts are %+v, want 4 tests, 1 failure, 1 skipped", c)
	}
	failed := got.Suite.Cases[1]
	if failed.Failure == nil || !strings.Contains(failed.Failure.Text, "</failure>") || !strings.Contains(failed.Failure.Text, "after the spec: no") {
		t.Errorf("the failed case is %+v, want the whole message in it", failed)
	}
	if flaky := got.Suite.Cases[3]; flaky.Flaky == nil || flaky.Flaky.Text != "at first" || flaky.Failure != nil {
		t.Errorf("the flaky case is %+v, want it told apart from a pass and from a failure", flaky)
	}
	for _, want := range []string{
		`<property name="implementation" value="reference">`, `<property name="contract" value="1.12">`,
		`<property name="clause" value="R-11">`, `<property name="profile.core" value="fail">`, `classname="muster.restore"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("JUnit lacks %s:\n%s", want, text)
		}
	}
}

func TestBadgeSaysHowManyPassed(t *testing.T) {
	for result, want := range map[Result]struct{ text, color string }{SpecFailed: {"fail 1/4", "#b3261e"}, SpecPassed: {"flaky 2/4", "#9a6700"}} {
		in := input()
		in.Suite.Specs[1].Result, in.Planned = result, 4
		text := string(Build(in, catalogue(t)).Badge())
		if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
			t.Errorf("the badge is no XML: %v", err)
		}
		for _, part := range []string{"Longhorn snapshots: " + want.text, ">" + want.text + "</text>", want.color} {
			if !strings.Contains(text, part) {
				t.Errorf("the badge lacks %q:\n%s", part, text)
			}
		}
	}
}
