package components

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSetupScriptChecksTheSamePackages runs scripts/setup.sh where almost no
// program is found and compares its sentences with CheckHost's.
func TestSetupScriptChecksTheSamePackages(t *testing.T) {
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	bin := t.TempDir()
	uname, err := exec.LookPath("uname")
	if err != nil {
		t.Skip("no uname on this machine")
	}
	if err := exec.Command("ln", "-s", uname, filepath.Join(bin, "uname")).Run(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	// First, for as root it loads kernel modules, which --check does not.
	want := ""
	if err := CheckHost(ForCgo, ForBase, ForRun); err != nil {
		want = err.Error()
	}
	var said strings.Builder
	script := exec.Command(shell, filepath.Join(root, "scripts/setup.sh"), "--check")
	script.Stderr = &said
	var exit *exec.ExitError
	if err := script.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(said.String()); got != want {
		t.Errorf("scripts/setup.sh says\n%s\nand CheckHost says\n%s", got, want)
	}
	if !strings.Contains(want, "gcc, pkg-config, libseccomp-dev") || !strings.Contains(want, "scripts/setup.sh") {
		t.Errorf("without a PATH the compiler's packages and the remedy are named, not %q", want)
	}
}

func TestMissingPackageStopsBeforeBuilding(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, strings.Replace(testCatalogue, "image: true", "cgo: true", 1))
	pl, err := newPlanner(t.Context(), r.options("hello"))
	if err != nil {
		t.Fatal(err)
	}
	units, err := pl.plan([]string{"hello"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := pl.preflight(units); err == nil || !strings.Contains(err.Error(), "host packages are missing: gcc") {
		t.Errorf("without a compiler preflight said %v", err)
	}
}

func TestCheckSpaceNamesTheDirectory(t *testing.T) {
	// procfs has no free space at all.
	err := checkSpace(1, "/proc/sys")
	if err == nil || !strings.Contains(err.Error(), "where /proc/sys lies") || !strings.Contains(err.Error(), "MUSTER_CACHE") {
		t.Errorf("a full disk gave %v", err)
	}
	if err := checkSpace(0, filepath.Join(t.TempDir(), "not", "yet", "made")); err != nil {
		t.Errorf("a directory that is yet to be made gave %v", err)
	}
}
