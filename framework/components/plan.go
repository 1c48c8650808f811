package components

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// unit is one thing of a plan: a slot of the cache, and how to fill it.
type unit struct {
	slot
	owner   string // name in the catalogue
	label   string // what a person reads: "etcd v3.7.3", "image of etcd"
	file    string // the file in the slot that the rest of the world uses
	ref     string // reference, when the unit is an image
	version string
	uses    []Use // what of the host its build needs
	build   buildFunc
}

// planner turns the catalogue into units whose keys are all known before
// anything is built.
type planner struct {
	root  string
	store store
	tool  *goTool
	cat   *catalogue
	units []unit
}

// plan returns the units of the named components, for no name all that are not
// optional, and the optional ones in with, in an order in which each only needs
// earlier ones.
func (pl *planner) plan(only []string, with ...string) ([]unit, error) {
	wanted := map[string]bool{}
	for _, name := range slices.Concat(only, with) {
		wanted[name] = true
	}
	skip := func(name string, optional bool) bool { return (len(only) > 0 || optional) && !wanted[name] }
	for _, p := range pl.cat.Programs {
		if skip(p.Name, p.Optional) {
			continue
		}
		if err := pl.addProgram(p); err != nil {
			return nil, fmt.Errorf("plan %s: %w", p.Name, err)
		}
	}
	for _, m := range pl.cat.Manifests {
		if skip(m.Name, false) {
			continue
		}
		if err := pl.addManifest(m); err != nil {
			return nil, fmt.Errorf("plan %s: %w", m.Name, err)
		}
	}
	for _, p := range pl.cat.Products {
		if skip(p.Name, p.Optional) {
			continue
		}
		if err := pl.addProduct(p); err != nil {
			return nil, fmt.Errorf("plan %s: %w", p.Name, err)
		}
	}
	for _, i := range pl.cat.Images {
		if skip(i.Name, i.Optional) {
			continue
		}
		if err := pl.addForeignImage(i); err != nil {
			return nil, fmt.Errorf("plan %s: %w", i.Name, err)
		}
	}
	for _, n := range pl.cat.Nodes {
		if skip(n.Name, true) {
			continue
		}
		if err := pl.addNode(n); err != nil {
			return nil, fmt.Errorf("plan %s: %w", n.Name, err)
		}
	}
	return pl.units, nil
}

// addProgram plans an upstream program and its image.
func (pl *planner) addProgram(p program) error {
	version, err := pl.cat.programVersion(pl.root, p)
	if err != nil {
		return err
	}
	ldflags, err := expandVersion(p.Ldflags, version)
	if err != nil {
		return err
	}
	tag, err := expandVersion(p.Tag, version)
	if err != nil {
		return err
	}
	if tag == "" {
		tag = version
	}
	dir := filepath.Join(pl.root, "components", p.Dir)
	k := newKeyer("program", pl.tool.version, runtime.GOOS, runtime.GOARCH, fmt.Sprint(p.Cgo))
	k.add(buildArgs(p.Tags, ldflags, p.Name, p.Package)...)
	if err := k.addTree(dir, nil); err != nil {
		return err
	}
	u := unit{
		slot:  slot{kind: "components", name: p.Name, key: k.key()},
		owner: p.Name, label: p.Name + " " + tag, file: p.Name, version: tag,
		build: pl.goBuild(dir, p.Cgo, p.Tags, ldflags, p.Name, p.Package),
	}
	if p.Cgo {
		u.uses = []Use{ForCgo}
	}
	pl.units = append(pl.units, u)
	if !p.Image {
		return nil
	}
	return pl.addImageOn(u, p.Base)
}

// addProduct plans a program of this repository, the base under it and its
// image.
func (pl *planner) addProduct(p product) error {
	u, err := pl.addProductProgram(p.Name, part{Name: p.Name, Package: p.Package})
	if err != nil {
		return err
	}
	var beside []unit
	for _, more := range p.Parts {
		other, err := pl.addProductProgram(p.Name, more)
		if err != nil {
			return err
		}
		beside = append(beside, other)
	}
	return pl.addImageOn(u, p.Base, beside...)
}

// addProductProgram plans one program of the product that owner names.
func (pl *planner) addProductProgram(owner string, p part) (unit, error) {
	args := buildArgs("", "", p.Name, p.Package)
	if p.Test {
		args = testArgs(p.Name, p.Package)
	}
	k := newKeyer("product", pl.tool.version, runtime.GOOS, runtime.GOARCH)
	k.add(args...)
	if err := k.addSources(pl.root, p.Package, p.Test); err != nil {
		return unit{}, err
	}
	u := unit{
		slot:  slot{kind: "products", name: p.Name, key: k.key()},
		owner: owner, label: p.Name, file: p.Name, version: "dev",
		build: pl.goRun(pl.root, false, func(out string) []string {
			if p.Test {
				return testArgs(out, p.Package)
			}
			return buildArgs("", "", out, p.Package)
		}, p.Name),
	}
	pl.units = append(pl.units, u)
	return u, nil
}

// addImageOn plans the image of a program and those beside it, and the base under it
// if one is named.
func (pl *planner) addImageOn(program unit, base string, beside ...unit) error {
	if base == "" {
		pl.addImage(program, "", "", beside...)
		return nil
	}
	b, err := pl.addBase(program.owner, program.version, base, false)
	if err != nil {
		return err
	}
	pl.addImage(program, pl.file(b), b.key, beside...)
	return nil
}

// addBase plans a root file system of Debian packages for what owner names, whose
// version it is given: it is no component of its own.
func (pl *planner) addBase(owner, version, folder string, system bool) (unit, error) {
	base := debianBase{dir: filepath.Join(pl.root, "components", folder), suite: debianSuite(), system: system}
	key, err := base.key()
	if err != nil {
		return unit{}, err
	}
	b := unit{
		slot:  slot{kind: "bases", name: folder, key: key},
		owner: owner, label: "Debian layer of " + owner, file: baseFile, version: version,
		uses: []Use{ForBase}, build: base.write,
	}
	pl.units = append(pl.units, b)
	return b, nil
}

// addForeignImage plans a base alone under somebody else's reference.
func (pl *planner) addForeignImage(i foreignImage) error {
	b, err := pl.addBase(i.Name, debianSuite(), i.Base, false)
	if err != nil {
		return err
	}
	spec := imageSpec{ref: i.Ref, base: pl.file(b), version: b.version}
	k := newKeyer("image", imageRecipe, spec.ref, b.key)
	pl.units = append(pl.units, unit{
		slot:  slot{kind: "images", name: i.Name, key: k.key()},
		owner: i.Name, label: "image " + spec.ref, file: imageFile, ref: spec.ref, version: b.version,
		build: func(_ context.Context, dir string, _ io.Writer) error { return writeImage(spec, dir) },
	})
	return nil
}

// addImage plans the image of a program, on top of a base if one is given.
func (pl *planner) addImage(program unit, base, baseKey string, beside ...unit) {
	spec := imageSpec{
		ref:  imagePrefix + program.name + ":" + program.version,
		name: program.name, version: program.version,
		binary: pl.file(program), base: base,
	}
	kind := "images"
	if program.kind == "products" {
		kind = "product-images"
	}
	k := newKeyer("image", imageRecipe, spec.ref, program.key, baseKey)
	for _, other := range beside {
		spec.beside = append(spec.beside, namedFile{name: other.name, path: pl.file(other)})
		k.add(other.name, other.key)
	}
	pl.units = append(pl.units, unit{
		slot:  slot{kind: kind, name: program.name, key: k.key()},
		owner: program.owner, label: "image " + spec.ref, file: imageFile,
		ref: spec.ref, version: program.version,
		build: func(_ context.Context, dir string, _ io.Writer) error { return writeImage(spec, dir) },
	})
}

// addManifest plans the CRDs of a module that the root go.mod requires, or the one in the manifest's folder.
func (pl *planner) addManifest(m manifestSource) error {
	from := pl.root
	if m.Dir != "" {
		from = filepath.Join(pl.root, "components", m.Dir)
	}
	version, err := requiredVersion(from, m.Module)
	if err != nil {
		return err
	}
	k := newKeyer("manifest", manifestRecipe, m.Module, version, m.Files)
	pl.units = append(pl.units, unit{
		slot:  slot{kind: "manifests", name: m.Name, key: k.key()},
		owner: m.Name, label: m.Name + " " + version, file: manifestFile, version: version,
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return m.write(ctx, pl.tool, from, version, dir, log)
		},
	})
	return nil
}

// goBuild returns a build of one Go program into a file called name.
func (pl *planner) goBuild(dir string, cgo bool, tags, ldflags, name, pkg string) buildFunc {
	return pl.goRun(dir, cgo, func(out string) []string { return buildArgs(tags, ldflags, out, pkg) }, name)
}

// goRun returns a run of the go command with the arguments that write a file called name.
func (pl *planner) goRun(dir string, cgo bool, args func(out string) []string, name string) buildFunc {
	return func(ctx context.Context, out string, log io.Writer) error {
		// Go's own temporary files go where a killed build's are found again.
		scratch := filepath.Join(out, ".go-build")
		if err := os.Mkdir(scratch, 0o755); err != nil {
			return err
		}
		defer os.RemoveAll(scratch)
		c := pl.tool.command(dir, cgo, args(filepath.Join(out, name))...)
		c.env = append(c.env, "GOTMPDIR="+scratch)
		return c.run(ctx, log)
	}
}

// file returns the path of what the unit provides, there or not.
func (pl *planner) file(u unit) string { return filepath.Join(pl.store.path(u.slot), u.file) }

// checkNames returns an error for the first name the catalogue lacks, with the
// nearest one it has.
func (c *catalogue) checkNames(only []string) error {
	known := c.names()
	for _, name := range only {
		best, distance := "", len(name)
		for _, k := range known {
			if d := editDistance(name, k); d < distance || k == name {
				best, distance = k, d
			}
		}
		switch {
		case distance == 0:
		case best != "" && distance <= 1+len(name)/3:
			return fmt.Errorf("there is no component %q; did you mean %q?", name, best)
		default:
			return fmt.Errorf("there is no component %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// editDistance counts the insertions, deletions and replacements of bytes that
// turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
