package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// table collects rows of equally wide columns.
type table struct {
	text   strings.Builder
	writer *tabwriter.Writer
}

// newTable begins a table with the names of its columns.
func newTable(columns ...string) *table {
	t := &table{}
	t.writer = tabwriter.NewWriter(&t.text, 0, 0, 2, ' ', 0)
	t.row(columns...)
	return t
}

func (t *table) row(cells ...string) { fmt.Fprintln(t.writer, strings.Join(cells, "\t")) }

// String returns the rows so far.
func (t *table) String() string {
	_ = t.writer.Flush() // into memory
	return t.text.String()
}

const (
	// columns is how wide text for a person is.
	columns = 80
	// margin is where the text of a block begins.
	margin = 13
)

// block writes text beside its title, wrapped. A further line of the text
// begins with a dash when there are several.
func block(title, text string) string {
	var out strings.Builder
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i == 0 {
			fmt.Fprintf(&out, "%-*s", margin, title)
		} else {
			out.WriteString("\n" + strings.Repeat(" ", margin))
		}
		indent := margin
		if len(lines) > 1 {
			out.WriteString("- ")
			indent += 2
		}
		out.WriteString(wrap(line, indent))
	}
	return out.String()
}

// wrap breaks text between words so that no line is wider than a terminal when
// all begin at the column indent. A word that is too long stays whole.
func wrap(text string, indent int) string {
	var out strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+width > columns:
			out.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			out.WriteString(" ")
			at++
		}
		out.WriteString(word)
		at += width
	}
	return out.String()
}
