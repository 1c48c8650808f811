package report

import (
	"fmt"
	"slices"
	"strings"
)

// summaryLines is how much of a failure's message a summary shows.
const summaryLines = 12

// Summary returns the report as Markdown for the summary page of a CI job: the
// verdict, the totals, and whatever a person has to know without opening more.
func (r *Report) Summary() []byte {
	var text strings.Builder
	mark := map[Verdict]string{Passed: "✅", Failed: "❌", Interrupted: "⚠️"}[r.Verdict]
	fmt.Fprintf(&text, "# %s %s\n\n", mark, markdown(r.Headline()))
	if selection := r.Run.Selection(); selection != "" {
		fmt.Fprintf(&text, "%s\n\n", markdown(selection))
	}
	for _, reason := range r.Trouble {
		fmt.Fprintf(&text, "**%s**\n\n", markdown(reason))
	}
	for _, restart := range r.Restarts {
		fmt.Fprintf(&text, "Container %s of pod %s crashed %s: %s, exit code %d.\n\n", markdown(restart.Container), markdown(restart.Pod),
			times(restart.Count), markdown(restart.Reason), restart.ExitCode)
	}
	r.summarizeTotals(&text)
	r.summarizeYardsticks(&text)
	r.summarize(&text, "Failed", "✗", SpecFailed, SpecInterrupted)
	r.summarize(&text, "Passed only when tried again", "~", SpecFlaky)
	r.summarizeSkipped(&text)
	r.summarizeQuirks(&text)
	r.summarizeLeaks(&text)
	return []byte(text.String())
}

func (r *Report) summarizeTotals(text *strings.Builder) {
	t, c := r.Totals, r.Clauses
	fmt.Fprintf(text, "| | passed | flaky | failed | skipped | |\n|---|--:|--:|--:|--:|--:|\n| specs | %d | %d | %d | %d | %.0f s |\n\n",
		t.Passed, t.Flaky, t.Failed, t.Skipped, r.Run.Seconds)
	text.WriteString("| clauses | met | violated | observed | not run | not covered |\n|---|--:|--:|--:|--:|--:|\n")
	fmt.Fprintf(text, "| all | %d | %d | %d | %d | %d |\n", len(c.Met), len(c.Violated), len(c.Observed), len(c.NotRun), len(c.NotCovered))
	for _, p := range r.Profiles {
		fmt.Fprintf(text, "| profile %s: **%s** | %d | %d | | %d | %d |\n", p.Name, p.Result, p.Met, p.Violated, p.NotRun, p.NotCovered)
	}
	text.WriteString("\n")
}

// summarize says what is known of each spec with one of the results.
func (r *Report) summarize(text *strings.Builder, title, mark string, results ...Result) {
	sentences := r.sentences()
	heading := "## " + title + "\n\n"
	for _, spec := range r.Specs {
		if !slices.Contains(results, spec.Result) {
			continue
		}
		fmt.Fprintf(text, "%s### %s %s\n\n", heading, mark, markdown(spec.Name))
		heading = ""
		for _, id := range spec.Clauses {
			fmt.Fprintf(text, "* **%s** %s\n", markdown(id), markdown(sentences[id]))
		}
		text.WriteString("\n" + fenced(firstLines(spec.Message, summaryLines)))
		if spec.Location != "" {
			fmt.Fprintf(text, "at `%s`\n\n", spec.Location)
		}
		if spec.Evidence != "" {
			fmt.Fprintf(text, "evidence in `%s`\n\n", spec.Evidence)
		}
	}
}

func (r *Report) summarizeSkipped(text *strings.Builder) {
	heading := "## Skipped\n\n"
	for _, spec := range r.Specs {
		if spec.Result == SpecSkipped && !spec.OtherRelease {
			fmt.Fprintf(text, "%s* %s: %s\n", heading, markdown(spec.Name), markdown(first(spec.Message)))
			heading = ""
		}
	}
	if heading == "" {
		text.WriteString("\n")
	}
}

func (r *Report) summarizeQuirks(text *strings.Builder) {
	if len(r.Quirks) == 0 {
		return
	}
	text.WriteString("## Observed\n\n")
	for _, quirk := range r.Quirks {
		fmt.Fprintf(text, "* **%s** %s\n", strings.TrimSpace(quirk.Clause+" "+string(quirk.Presence)), markdown(first(quirk.Observation)))
	}
	text.WriteString("\n")
}

func (r *Report) summarizeLeaks(text *strings.Builder) {
	if len(r.Leaks) == 0 {
		return
	}
	text.WriteString("## Left behind\n\n")
	for _, leak := range r.Leaks {
		by := ""
		if leak.Spec != "" {
			by = " by " + leak.Spec
		}
		fmt.Fprintf(text, "* %s\n", markdown(leak.Name+by))
	}
	text.WriteString("\n")
}

// special is what Markdown and HTML read as more than text.
var special = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`,
	"[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`)

// markdown escapes what would not be plain text, and puts it on one line.
func markdown(text string) string { return special.Replace(strings.Join(strings.Fields(text), " ")) }

// fenced puts lines into a code block whose fence is longer than any in them.
func fenced(lines []string) string {
	text, fence := strings.Join(lines, "\n"), "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence + "\n\n"
}
