package deviation_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muster-csi/muster/driver/deviation"
)

var capabilities = []string{"snap", "restore", "lifecycle", "limits", "clone", "expand", "api", "sidecar",
	"bak-create", "bak-many", "bak-restore", "bak-delete", "bak-target", "bak-fault", "backupstore", "dr",
	"bi-create", "bi-download", "bi-restore", "bi-delete"}

func TestEntriesAreCompleteAndUnique(t *testing.T) {
	seen := map[deviation.Name]bool{}
	for _, d := range deviation.All() {
		if seen[d.Name] {
			t.Errorf("%s is registered twice", d.Name)
		}
		seen[d.Name] = true
		if d.Kind != deviation.Defect && d.Kind != deviation.Quirk {
			t.Errorf("%s has kind %q", d.Name, d.Kind)
		}
		if !slices.Contains(capabilities, d.Capability) {
			t.Errorf("%s has capability %q, which is none of %v", d.Name, d.Capability, capabilities)
		}
		if d.Clause == "" || !strings.HasSuffix(d.Summary, ".") {
			t.Errorf("%s needs a clause and a summary that is a sentence: %+v", d.Name, d)
		}
	}
}

func TestParse(t *testing.T) {
	set, err := deviation.Parse("handle-swapped, detached-refused")
	if err != nil {
		t.Fatal(err)
	}
	if !set.Has(deviation.HandleSwapped) || !set.Has(deviation.DetachedRefused) || set.Has(deviation.TypeUnchecked) {
		t.Errorf("wrong set: %s", set)
	}
	if set.String() != "detached-refused,handle-swapped" {
		t.Errorf("String is %q", set)
	}
	if empty, err := deviation.Parse(""); err != nil || len(empty.Names()) != 0 {
		t.Errorf("empty text: %v, %v", empty.Names(), err)
	}
	if _, err := deviation.Parse("handle-swaped"); err == nil || !strings.Contains(err.Error(), `did you mean "handle-swapped"`) {
		t.Errorf("an unknown name gives %v, want the nearest", err)
	}
}

// TestEveryDeviationIsPlanted reads the driver's source: a name that no code
// outside this package asks for would be a mutant that can never be caught.
func TestEveryDeviationIsPlanted(t *testing.T) {
	constants := namesByConstant(t)
	if len(constants) != len(deviation.All()) {
		t.Errorf("%d constants, %d registered", len(constants), len(deviation.All()))
	}
	used := map[string]bool{}
	eachFile(t, "..", func(path string, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(filepath.Dir(path)) == "deviation" {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if base, ok := selector.X.(*ast.Ident); ok && base.Name == "deviation" {
					used[selector.Sel.Name] = true
				}
			}
			return true
		})
	})
	for constant, name := range constants {
		if !used[constant] {
			t.Errorf("%s (%s) is not used anywhere in driver/", name, constant)
		}
		if _, found := deviation.Lookup(deviation.Name(name)); !found {
			t.Errorf("%s (%s) is not registered", name, constant)
		}
	}
}

// namesByConstant returns this package's constants of type Name with their values.
func namesByConstant(t *testing.T) map[string]string {
	names := map[string]string{}
	eachFile(t, ".", func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, isIdent := spec.Type.(*ast.Ident)
			value, isText := spec.Values[0].(*ast.BasicLit)
			if isIdent && isText && kind.Name == "Name" {
				name, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				names[spec.Names[0].Name] = name
			}
			return true
		})
	})
	return names
}

func eachFile(t *testing.T, root string, visit func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			visit(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
