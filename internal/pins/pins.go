// Package pins tells tests which versions the folders of components pin.
package pins

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"
)

// Version returns the version at which a folder of components requires a module.
// Root is the repository's, seen from the test. A module that is not required fails the test.
func Version(t testing.TB, root, folder, module string) string {
	t.Helper()
	file := filepath.Join(root, "components", folder, "go.mod")
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
