// Package page shows a report to a person as one HTML file that needs nothing
// beside it: no network, no fonts, no scripts of others. It reads the report and
// the folders with evidence that the report names, and runs nothing.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/muster-csi/muster/framework/report"
)

var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	style string
	//go:embed script.js
	script string
)

// page is the parsed template. Style and script are this package's own files, so
// they may stand in the page as they are; all else is escaped.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"script": func() template.JS { return template.JS(script) },
	"secs":   seconds,
	"plural": plural,
	"short":  shortContainer,
	"int":    func(n any) int { return int(reflect.ValueOf(n).Int()) },
	"gib":    func(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) },
}).Parse(pageText))

// Write stores the report as HTML, replacing the file as a whole. Evidence is
// looked for beside it, in the folders that the report names.
func Write(path string, r *report.Report) error {
	text, err := Render(r, os.DirFS(filepath.Dir(path)))
	if err != nil {
		return err
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, text, 0o644); err != nil {
		return fmt.Errorf("write the report's page: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("put the report's page in its place: %w", err)
	}
	return nil
}

// Render returns the page. The same report and the same evidence give the same
// bytes. Evidence that is missing is said to be; it is no error.
func Render(r *report.Report, evidence fs.FS) ([]byte, error) {
	var text bytes.Buffer
	if err := page.Execute(&text, newView(r, evidence)); err != nil {
		return nil, fmt.Errorf("make the report's page: %w", err)
	}
	return text.Bytes(), nil
}
