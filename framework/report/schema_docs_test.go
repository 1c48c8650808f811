package report

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
)

// docs is what the comments of some packages say.
type docs struct {
	// types are the comments of types by "Type" and of their fields by "Type.Field".
	types map[string]string
	// values are the constants of string types, sorted.
	values map[string][]string
}

// readDocs reads the comments of the packages in the directories.
func readDocs(t *testing.T, dirs ...string) docs {
	t.Helper()
	d := docs{types: map[string]string{}, values: map[string][]string{}}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(&fs.PathError{Op: "parse", Path: file, Err: err})
			}
			d.read(parsed)
		}
	}
	for _, values := range d.values {
		slices.Sort(values)
	}
	return d
}

func (d docs) read(file *ast.File) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				d.readType(general, spec)
			case *ast.ValueSpec:
				d.readConstant(spec)
			}
		}
	}
}

func (d docs) readType(declaration *ast.GenDecl, spec *ast.TypeSpec) {
	d.types[spec.Name.Name] = oneLine(declaration.Doc)
	fields, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range fields.Fields.List {
		for _, name := range field.Names {
			d.types[spec.Name.Name+"."+name.Name] = oneLine(field.Doc)
		}
	}
}

func (d docs) readConstant(spec *ast.ValueSpec) {
	of, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
		value, _ := strconv.Unquote(literal.Value)
		d.values[of.Name] = append(d.values[of.Name], value)
	}
}

// oneLine is a comment on one line.
func oneLine(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
