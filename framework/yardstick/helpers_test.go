package yardstick

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"
)

// pinned returns the version at which a folder of components requires a module.
func pinned(t *testing.T, folder, module string) string {
	t.Helper()
	file := filepath.Join("..", "..", "components", folder, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax(file, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, require := range mod.Require {
		if require.Mod.Path == module {
			return require.Mod.Version
		}
	}
	t.Fatalf("%s does not require %s", file, module)
	return ""
}
