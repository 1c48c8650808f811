package components

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// programVersion returns the version of p as the go.mod of its folder requires
// it, for example "v1.36.3".
func (c *catalogue) programVersion(root string, p program) (string, error) {
	if p.VersionOf != "" {
		other, err := c.program(p.VersionOf)
		if err != nil {
			return "", fmt.Errorf("versionOf of %s: %w", p.Name, err)
		}
		if other.VersionOf != "" {
			return "", fmt.Errorf("versionOf of %s: %s takes its version from elsewhere itself", p.Name, other.Name)
		}
		p = other
	}
	return requiredVersion(filepath.Join(root, "components", p.Dir), p.Package)
}

// requiredVersion returns the version at which the go.mod in dir requires the
// module that holds the package (or is it).
func requiredVersion(dir, pkg string) (string, error) {
	path := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read pinned versions: %w", err)
	}
	mod, err := modfile.ParseLax(path, data, nil)
	if err != nil {
		return "", fmt.Errorf("read pinned versions: %w", err)
	}
	var best module.Version
	for _, r := range mod.Require {
		inside := pkg == r.Mod.Path || strings.HasPrefix(pkg, r.Mod.Path+"/")
		if inside && len(r.Mod.Path) > len(best.Path) {
			best = r.Mod
		}
	}
	if best.Path == "" {
		return "", fmt.Errorf("%s requires no module that holds %s", path, pkg)
	}
	return best.Version, nil
}

// expandVersion replaces {version}, {major}, {minor} and {date} in text; {date}
// is the day of a pseudo-version, written 2026-02-12.
func expandVersion(text, version string) (string, error) {
	if !strings.Contains(text, "{") {
		return text, nil
	}
	major, minor, _ := strings.Cut(strings.TrimPrefix(semver.MajorMinor(version), "v"), ".")
	values := []string{"{version}", version, "{major}", major, "{minor}", minor}
	if strings.Contains(text, "{date}") {
		day, err := module.PseudoVersionTime(version)
		if err != nil {
			return "", fmt.Errorf("expand %q: %w", text, err)
		}
		values = append(values, "{date}", day.Format("2006-01-02"))
	}
	out := strings.NewReplacer(values...).Replace(text)
	if strings.Contains(out, "{") {
		return "", fmt.Errorf("%q has a placeholder other than {version}, {major}, {minor} and {date}", text)
	}
	return out, nil
}
