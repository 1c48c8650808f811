package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/report/page"
)

// publish stores a report in dir in every form that somebody reads: report.yaml
// for programs, report.html for people, junit.xml for a CI system, summary.md and
// badge.svg for the page about a job. When one cannot be written the others still
// are; the error names those that are missing.
func publish(statement *report.Report, dir string) error {
	failures := []error{statement.Write(filepath.Join(dir, reportFile)), page.Write(filepath.Join(dir, pageFile), statement)}
	junit, err := statement.JUnit()
	failures = append(failures, err)
	for name, text := range map[string][]byte{junitFile: junit, summaryFile: statement.Summary(), badgeFile: statement.Badge()} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			failures = append(failures, fmt.Errorf("write %s: %w", name, err))
		}
	}
	return errors.Join(failures...)
}
