package components

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// addSources hashes what the program in pkg ("./cmd/x") of the module at root
// is compiled from: the module's pins, and every package of the module that it
// imports with the files below it, for they may be embedded. With tests the program
// is the tests of pkg. A package of another module is in the pins.
func (k *keyer) addSources(root, pkg string, tests bool) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := k.addFile(name, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	if !strings.HasPrefix(pkg, "./") {
		return nil
	}
	dirs, err := importedDirs(root, pkg, tests)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		keep := func(name string) bool {
			return tests && dir == filepath.Clean(pkg) || !strings.HasSuffix(name, "_test.go")
		}
		k.add(dir)
		if err := k.addTree(filepath.Join(root, dir), keep); err != nil {
			return err
		}
	}
	return nil
}

// importedDirs returns the folders, relative to root and sorted, of pkg and of
// the packages of the same module it imports, with tests also in its tests,
// directly or not.
func importedDirs(root, pkg string, tests bool) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	prefix := modfile.ModulePath(data) + "/"
	seen := map[string]bool{}
	queue := []string{filepath.Clean(pkg)}
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		if seen[dir] {
			continue
		}
		seen[dir] = true
		imports, err := importsOf(filepath.Join(root, dir), tests && dir == filepath.Clean(pkg))
		if err != nil {
			return nil, fmt.Errorf("read the imports of %s: %w", pkg, err)
		}
		for _, path := range imports {
			if rel, ok := strings.CutPrefix(path, prefix); ok {
				queue = append(queue, filepath.FromSlash(rel))
			}
		}
	}
	dirs := make([]string, 0, len(seen))
	for dir := range seen {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	return dirs, nil
}

// importsOf returns the import paths of the Go files in dir, those of tests only if
// asked for. A file that does not parse is left to the compiler, whose message is better.
func importsOf(dir string, tests bool) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, path := range files {
		if !tests && strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if file == nil {
			return nil, err
		}
		for _, spec := range file.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil {
				imports = append(imports, p)
			}
		}
	}
	return imports, nil
}
