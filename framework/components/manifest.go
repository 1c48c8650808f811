package components

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"sigs.k8s.io/yaml"
)

const (
	// manifestFile is the YAML stream in a manifest's directory of the cache.
	manifestFile = "manifest.yaml"
	// manifestRecipe changes when the same module files come out differently.
	manifestRecipe = "1"
)

// helmLabels is the one template line in longhorn-manager's CRDs; without it
// the file is plain YAML.
var helmLabels = regexp.MustCompile(`(?m)^ *labels: \{\{.*\}\} *\n`)

// write copies the CRDs of the module, at the version that the go.mod in root
// requires, into dir as one YAML stream.
func (m manifestSource) write(ctx context.Context, g *goTool, root, version, dir string, log io.Writer) error {
	moduleDir, err := g.moduleDir(ctx, root, m.Module+"@"+version, log)
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(moduleDir, filepath.FromSlash(m.Files)))
	if err != nil {
		return fmt.Errorf("find the files of %s: %w", m.Name, err)
	}
	if len(paths) == 0 {
		return fmt.Errorf("%s@%s has no file %s", m.Module, version, m.Files)
	}
	var stream bytes.Buffer
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", m.Name, err)
		}
		stream.WriteString("---\n")
		stream.Write(helmLabels.ReplaceAll(data, nil))
		stream.WriteString("\n")
	}
	if err := checkCRDs(stream.Bytes()); err != nil {
		return fmt.Errorf("%s@%s: %w", m.Module, version, err)
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), stream.Bytes(), 0o644)
}

// checkCRDs returns an error unless every document of the stream is a
// CustomResourceDefinition and there is at least one.
func checkCRDs(stream []byte) error {
	found := 0
	for _, doc := range regexp.MustCompile(`(?m)^---.*$`).Split(string(stream), -1) {
		var object struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
			return fmt.Errorf("document %d is not YAML: %w", found+1, err)
		}
		switch object.Kind {
		case "CustomResourceDefinition":
			found++
		case "": // only comments or nothing between two separators
		default:
			return fmt.Errorf("a %s stands among the CustomResourceDefinitions", object.Kind)
		}
	}
	if found == 0 {
		return fmt.Errorf("no CustomResourceDefinition found")
	}
	return nil
}

// moduleDir returns where the module (path@version) lies in the module cache,
// and downloads it first if need be.
func (g *goTool) moduleDir(ctx context.Context, root, module string, log io.Writer) (string, error) {
	out, err := g.command(root, false, "mod", "download", "-json", module).output(ctx)
	fmt.Fprint(log, out)
	if err != nil {
		return "", fmt.Errorf("download %s: %w", module, err)
	}
	var answer struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		return "", fmt.Errorf("download %s: %w", module, err)
	}
	return answer.Dir, nil
}
