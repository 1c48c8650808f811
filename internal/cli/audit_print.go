package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/backupstore/audit"
)

// printAudit writes a row per volume, then one line per violation and at the end
// which backups are lost.
func printAudit(out io.Writer, target string, result *audit.Result) error {
	var text strings.Builder
	if len(result.Volumes) > 0 {
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "VOLUME\tSIZE\tBACKUPS\tBLOCKS\tSTORED\tREFERENCED\tIN PROGRESS")
		for _, v := range result.Volumes {
			referenced := int64(0)
			for _, b := range v.Backups {
				referenced += int64(b.BlockCount) * b.BlockSize
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t%d\n", v.Name, mebibytes(v.Size), len(v.Backups), v.Blocks,
				mebibytes(v.BytesStored), mebibytes(referenced), len(v.InProgress))
		}
		_ = table.Flush() // into memory
	}
	counts := result.Counts
	switch {
	case len(result.Violations) > 0:
		printViolations(&text, target, result)
	case counts.Volumes == 0:
		fmt.Fprintf(&text, "There is no volume in %s, and nothing wrong.\n", target)
	default:
		fmt.Fprintf(&text, "Clean: nothing is wrong with %s of %s in %s of %s.\n",
			counted(counts.Backups, "backup"), counted(counts.Volumes, "volume"), counted(counts.Blocks, "block"), target)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func printViolations(text *strings.Builder, target string, result *audit.Result) {
	fmt.Fprintf(text, "%s in %s:\n", counted(len(result.Violations), "violation"), target)
	for _, v := range result.Violations {
		fmt.Fprintln(text, "  "+oneLine(v.Error()))
	}
	lost := result.Lost()
	if len(lost) == 0 {
		fmt.Fprintln(text, "No backup is lost.")
		return
	}
	fmt.Fprintf(text, "Lost: %s.\n", oneLine(strings.Join(lost, ", ")))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// oneLine shows names that come from the store as what they are: a name may hold
// anything, a new line or the control codes of a terminal included.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// printAuditYAML writes the whole result but the lists of blocks.
func printAuditYAML(out io.Writer, target string, result *audit.Result) error {
	text, err := yaml.Marshal(struct {
		Target        string `json:"target"`
		*audit.Result `json:",inline"`
		Lost          []string `json:"lost,omitempty"`
	}{target, result, result.Lost()})
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
