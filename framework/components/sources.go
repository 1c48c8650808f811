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
// imports with the files below it, for they may be embedded.
func (k *keyer) addSources(root, pkg string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := k.addFile(name, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	dirs, err := importedDirs(root, pkg)
	if err != nil {
		return err
	}
	notTest := func(name string) bool { return !strings.HasSuffix(name, "_test.go") }
	for _, dir := range dirs {
		k.add(dir)
		if err := k.addTree(filepath.Join(root, dir), notTest); err != nil {
			return err
		}
	}
	return nil
}

// importedDirs returns the folders, relative to root and sorted, of pkg and of
// the packages of the same module it imports, directly or not.
func importedDirs(root, pkg string) ([]string, error) {
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
		imports, err := importsOf(filepath.Join(root, dir))
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

// importsOf returns the import paths of the Go files in dir, tests left out. A
// file that does not parse is left to the compiler, whose message is better.
func importsOf(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
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
