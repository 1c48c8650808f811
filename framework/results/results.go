// Package results keeps one report for each version of a driver, so that a release
// can be compared with the one before.
package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/muster-csi/muster/framework/gate"
	"github.com/muster-csi/muster/framework/report"
)

// ErrNoneBefore is returned when no report of an earlier version is kept.
var ErrNoneBefore = errors.New("no report of an earlier version is kept")

// notInNames are the characters that a file's name does without.
var notInNames = regexp.MustCompile(`[^a-z0-9.]+`)

// Path is where the report of one version lies below dir: <driver>-<version>.yaml.
func Path(dir, driver, version string) string {
	return filepath.Join(dir, slug(driver)+"-"+slug(version)+".yaml")
}

func slug(text string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-.")
}

// Keep stores a report below dir, in place of an earlier one of that version, and
// returns its path. The report of a part of the suite is refused: later releases
// would be compared with too little.
func Keep(dir, file string) (string, error) {
	subject, err := gate.ReadReport(file)
	if err != nil {
		return "", err
	}
	if subject.Run.Focus != "" || subject.Run.Labels != "" || subject.Verdict == report.Interrupted {
		return "", fmt.Errorf("%s is about a part of the suite only: keep the report of a whole run, without FOCUS and LABELS", file)
	}
	if _, err := version.ParseSemantic(subject.Implementation.Version); err != nil {
		return "", fmt.Errorf("%s is about version %q of %s, which has no place among releases: %w",
			file, subject.Implementation.Version, subject.Implementation.Name, err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the report: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the reports: %w", err)
	}
	path := Path(dir, subject.Implementation.Name, subject.Implementation.Version)
	return path, write(path, content)
}

// write stores the whole content or nothing.
func write(path string, content []byte) error {
	temporary := path + ".new"
	if err := errors.Join(os.WriteFile(temporary, content, 0o644), os.Rename(temporary, path)); err != nil {
		return fmt.Errorf("keep the report: %w", errors.Join(err, os.RemoveAll(temporary)))
	}
	return nil
}

// Before returns the path of the report of the newest version below dir that is
// earlier than the subject's, of the same driver; ErrNoneBefore where there is none.
func Before(dir string, subject *gate.Report) (string, error) {
	of, err := version.ParseSemantic(subject.Implementation.Version)
	if err != nil {
		return "", fmt.Errorf("find what came before version %q of %s: %w", subject.Implementation.Version, subject.Implementation.Name, err)
	}
	files, err := fs.Glob(os.DirFS(dir), "*.yaml")
	if err != nil {
		return "", fmt.Errorf("list the kept reports: %w", err)
	}
	best, path := (*version.Version)(nil), ""
	for _, file := range files {
		kept, err := gate.ReadReport(filepath.Join(dir, file))
		if err != nil {
			return "", err
		}
		its, err := version.ParseSemantic(kept.Implementation.Version)
		if err != nil || kept.Implementation.Name != subject.Implementation.Name || !its.LessThan(of) {
			continue
		}
		if best == nil || best.LessThan(its) {
			best, path = its, filepath.Join(dir, file)
		}
	}
	if path == "" {
		return "", fmt.Errorf("%w: of %s before %s, in %s", ErrNoneBefore, subject.Implementation.Name, subject.Implementation.Version, dir)
	}
	return path, nil
}
