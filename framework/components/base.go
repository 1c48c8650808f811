package components

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// baseFile is the root file system's tar in a base's directory of the cache.
	baseFile = "rootfs.tar"
	// basePackages and baseScript lie in a base's folder.
	basePackages = "packages"
	baseScript   = "customize.sh"
	// baseRecipe changes when the same inputs come out differently.
	baseRecipe = "1"
	// baseEpoch is SOURCE_DATE_EPOCH: no file in a base is newer than this (2026-01-01).
	baseEpoch = "1767225600"
)

// debianBase is a root file system of a few Debian packages. Its folder holds
// "packages", a name per line, and "customize.sh", which is run as root with
// the unpacked root as its argument to remove what nobody needs and to prove
// that the rest runs.
type debianBase struct {
	dir   string // its folder
	suite string // Debian suite, for example "bookworm"
	// system makes a whole system, in which the packages are configured and
	// those are present that every Debian has; else they are only unpacked.
	system bool
}

// key hashes the packages, the script, the suite and the architecture.
func (b debianBase) key() (string, error) {
	k := newKeyer("base", baseRecipe, b.suite, runtime.GOARCH, baseEpoch)
	if b.system {
		k.add("system")
	}
	for _, name := range []string{baseScript, basePackages} {
		if err := k.addFile(name, filepath.Join(b.dir, name)); err != nil {
			return "", err
		}
	}
	return k.key(), nil
}

// write makes the root file system with mmdebstrap and the machine's own apt
// sources, and leaves it as dir/rootfs.tar.
func (b debianBase) write(ctx context.Context, dir string, log io.Writer) error {
	if err := needRoot(); err != nil {
		return err
	}
	packages, err := readLines(filepath.Join(b.dir, basePackages))
	if err != nil {
		return err
	}
	sources, err := aptSources()
	if err != nil {
		return err
	}
	options, err := os.CreateTemp(dir, ".apt-*.conf")
	if err != nil {
		return err
	}
	defer os.Remove(options.Name())
	err = writeAptOptions(ctx, options)
	if closeErr := options.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	script, err := filepath.Abs(filepath.Join(b.dir, baseScript))
	if err != nil {
		return err
	}
	variant, hook := "extract", "extract-hook"
	if b.system {
		variant, hook = "minbase", "customize-hook"
	}
	argv := []string{"mmdebstrap", "--mode=root", "--variant=" + variant, "--format=tar",
		"--skip=output/dev", "--include=" + strings.Join(packages, ","),
		"--aptopt=" + options.Name(), "--dpkgopt=force-unsafe-io", "--" + hook + "=" + script,
		b.suite, filepath.Join(dir, baseFile)}
	env := append(os.Environ(), "SOURCE_DATE_EPOCH="+baseEpoch, "LC_ALL=C")
	return command{dir: dir, env: env, argv: append(argv, sources...)}.run(ctx, log)
}

// needRoot returns an error unless the process may make a root file system.
func needRoot() error {
	if os.Geteuid() != 0 {
		return errors.New("making an image's Debian layer needs root: run the command with sudo")
	}
	return nil
}

// aptSources returns the files in /etc/apt that list where packages come from.
func aptSources() ([]string, error) {
	var found []string
	for _, pattern := range []string{"sources.list", "sources.list.d/*.list", "sources.list.d/*.sources"} {
		paths, err := filepath.Glob(filepath.Join("/etc/apt", pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if lines, err := readLines(path); err == nil && len(lines) > 0 {
				found = append(found, path)
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New("/etc/apt names no package source: add one in /etc/apt/sources.list.d")
	}
	return found, nil
}

// writeAptOptions writes the machine's settings on how to fetch, such as a
// proxy; they may hold a password, so they go into a file, not a command line.
func writeAptOptions(ctx context.Context, w io.Writer) error {
	out, err := exec.CommandContext(ctx, "apt-config", "dump", "--no-empty", "Acquire").Output()
	if err != nil {
		return fmt.Errorf("read the settings of apt: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		for _, prefix := range []string{"Acquire::http", "Acquire::ftp", "Acquire::Retries", "Acquire::Check-"} {
			if strings.HasPrefix(line, prefix) {
				if _, err := io.WriteString(w, line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// debianSuite returns the suite of the machine's own Debian or derivative, and
// "none" elsewhere, where a base cannot be built but its key is still asked for.
func debianSuite() string {
	lines, err := readLines("/etc/os-release")
	if err != nil {
		return "none"
	}
	for _, line := range lines {
		if suite, ok := strings.CutPrefix(line, "VERSION_CODENAME="); ok {
			return strings.Trim(suite, `"`)
		}
	}
	return "none"
}

// readLines returns the lines of a file without empty ones and comments.
func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		line := strings.TrimSpace(scanner.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, scanner.Err()
}
