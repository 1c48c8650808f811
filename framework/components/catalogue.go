package components

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// catalogueFile is where the catalogue lies below the repository's root. Its
// presence is also what marks a directory as the repository's root.
const catalogueFile = "components/catalogue.yaml"

// catalogue is components/catalogue.yaml; the fields are explained there.
type catalogue struct {
	Programs  []program        `json:"programs"`
	Products  []product        `json:"products"`
	Images    []foreignImage   `json:"images"`
	Manifests []manifestSource `json:"manifests"`
	Nodes     []node           `json:"nodes"`
}

// program is an upstream program compiled from its pinned Go module.
type program struct {
	Name      string `json:"name"`
	Dir       string `json:"dir"`
	Package   string `json:"package"`
	Cgo       bool   `json:"cgo"`
	Tags      string `json:"tags"`
	Ldflags   string `json:"ldflags"`
	VersionOf string `json:"versionOf"`
	Image     bool   `json:"image"`
	Base      string `json:"base"`
	Tag       string `json:"tag"`
	Optional  bool   `json:"optional"`
}

// product is a program of this repository that runs in pods.
type product struct {
	Name     string `json:"name"`
	Package  string `json:"package"`
	Base     string `json:"base"`
	Parts    []part `json:"parts"`
	Optional bool   `json:"optional"`
}

// part is a program that lies beside another one in its image.
type part struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	// Test is set for the tests of the package as a program.
	Test bool `json:"test"`
}

// foreignImage is a base under the reference by which an upstream program asks for
// an image.
type foreignImage struct {
	Name     string `json:"name"`
	Ref      string `json:"ref"`
	Base     string `json:"base"`
	Optional bool   `json:"optional"`
}

// manifestSource names CRD files inside a module of the go.mod in Dir, or of the root's.
type manifestSource struct {
	Name   string `json:"name"`
	Dir    string `json:"dir"`
	Module string `json:"module"`
	Files  string `json:"files"`
}

// node is the image of a node of kind, built only for who asks for it by name.
type node struct {
	Name       string              `json:"name"`
	Base       string              `json:"base"`
	Module     string              `json:"module"`
	Files      string              `json:"files"`
	Programs   map[string][]string `json:"programs"`
	Images     []string            `json:"images"`
	ImageBases map[string]string   `json:"imageBases"`
}

// readCatalogue reads the catalogue of the repository at root. An unknown key,
// a missing field and a name given twice are errors.
func readCatalogue(root string) (*catalogue, error) {
	path := filepath.Join(root, catalogueFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue of components: %w", err)
	}
	var c catalogue
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &c, nil
}

// check returns the first entry that cannot be built as written.
func (c *catalogue) check() error {
	for _, p := range c.Programs {
		if p.Name == "" || p.Dir == "" || p.Package == "" {
			return fmt.Errorf("program %q needs name, dir and package", p.Name)
		}
		if p.Base != "" && !p.Image {
			return fmt.Errorf("program %q has a base and no image that it could lie under", p.Name)
		}
	}
	for _, p := range c.Products {
		if p.Name == "" || p.Package == "" {
			return fmt.Errorf("product %q needs name and package", p.Name)
		}
		for _, beside := range p.Parts {
			if beside.Name == "" || beside.Package == "" {
				return fmt.Errorf("part %q of product %q needs name and package", beside.Name, p.Name)
			}
		}
	}
	for _, i := range c.Images {
		if i.Name == "" || i.Ref == "" || i.Base == "" {
			return fmt.Errorf("image %q needs name, ref and base", i.Name)
		}
	}
	for _, m := range c.Manifests {
		if m.Name == "" || m.Module == "" || m.Files == "" {
			return fmt.Errorf("manifest %q needs name, module and files", m.Name)
		}
	}
	for _, n := range c.Nodes {
		if n.Name == "" || n.Base == "" || n.Module == "" || n.Files == "" {
			return fmt.Errorf("node image %q needs name, base, module and files", n.Name)
		}
		for _, program := range n.programNames() {
			if _, err := c.program(program); err != nil {
				return fmt.Errorf("node image %q: %w", n.Name, err)
			}
		}
	}
	seen := map[string]bool{}
	for _, name := range c.names() {
		if seen[name] {
			return fmt.Errorf("the name %q is given twice", name)
		}
		seen[name] = true
	}
	return nil
}

// names lists everything that can be asked for, in the order it is built.
func (c *catalogue) names() []string {
	var names []string
	for _, p := range c.Programs {
		names = append(names, p.Name)
	}
	for _, m := range c.Manifests {
		names = append(names, m.Name)
	}
	for _, p := range c.Products {
		names = append(names, p.Name)
	}
	for _, i := range c.Images {
		names = append(names, i.Name)
	}
	for _, n := range c.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// program returns the program of that name.
func (c *catalogue) program(name string) (program, error) {
	for _, p := range c.Programs {
		if p.Name == name {
			return p, nil
		}
	}
	return program{}, fmt.Errorf("the catalogue has no program %q", name)
}

// FindRoot returns the repository's root: the first directory with a catalogue
// of components among the working directory, the directory of the running
// program, and their parents.
func FindRoot() (string, error) {
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, catalogueFile)); err == nil {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("%s is neither at nor above %s: run muster inside a clone of its repository",
		catalogueFile, strings.Join(starts, " and "))
}
