package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/gate"
)

// reportOf writes the report of a version; more are further lines of it.
func reportOf(t *testing.T, driver, version string, more ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.yaml")
	text := fmt.Sprintf(`apiVersion: muster-csi.github.io/v1alpha1
kind: ConformanceReport
verdict: passed
implementation: {name: %s, version: %s, contract: "1.12"}
specs:
- {name: a, result: passed, attempts: 1, seconds: 1.5}
%s
`, driver, version, strings.Join(more, "\n"))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheBaselineIsTheNewestEarlierVersionOfTheSameDriver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	for _, version := range []string{"v1.9.2", "v1.10.1", "v1.12.0"} {
		if _, err := Keep(dir, reportOf(t, "Longhorn", version)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Keep(dir, reportOf(t, "another", "v1.11.0")); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"v1.10.0": "longhorn-v1.9.2.yaml", "v1.12.0": "longhorn-v1.10.1.yaml", "v1.12.0-rc1": "longhorn-v1.10.1.yaml"} {
		subject, err := gate.ReadReport(reportOf(t, "Longhorn", version))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Before(dir, subject); err != nil || filepath.Base(got) != want {
			t.Errorf("before %s comes %q, %v; want %s", version, got, err, want)
		}
	}
	first, err := gate.ReadReport(reportOf(t, "Longhorn", "v1.9.2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Before(dir, first); !errors.Is(err, ErrNoneBefore) {
		t.Errorf("before the first version comes %v", err)
	}
}

func TestAReportIsReplacedByALaterOneOfItsVersion(t *testing.T) {
	dir := t.TempDir()
	first, err := Keep(dir, reportOf(t, "Longhorn", "v1.12.0"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := Keep(dir, reportOf(t, "Longhorn", "v1.12.0", "trouble: [later]"))
	if err != nil || first != second {
		t.Fatalf("%s, then %s, %v", first, second, err)
	}
	content, err := os.ReadFile(second)
	if err != nil || !strings.Contains(string(content), "later") {
		t.Errorf("%s, %v", content, err)
	}
}

func TestWhatIsNoBaselineIsNotKept(t *testing.T) {
	for want, path := range map[string]string{
		"a part of the suite":        reportOf(t, "Longhorn", "v1.12.0", "run: {labels: bi}"),
		"no place among releases":    reportOf(t, "Longhorn", "dev"),
		"no such file or directory":  filepath.Join(t.TempDir(), "report.yaml"),
		"about a part of the suite ": reportOf(t, "Longhorn", "v1.12.0", "run: {focus: snap}"),
	} {
		dir := filepath.Join(t.TempDir(), "results")
		if _, err := Keep(dir, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that says %q", err, want)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: something is left: %v", want, err)
		}
	}
}
