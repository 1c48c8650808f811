package components

import (
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
)

// NodeImageLabel marks a node image that was built here; its value is the version
// of Kubernetes in it. Such a node has no pod network of its own.
const NodeImageLabel = "org.muster-csi.node"

// addNode plans a node image with everything that it is made of.
func (pl *planner) addNode(n node) error {
	version, err := requiredVersion(pl.root, n.Module)
	if err != nil {
		return err
	}
	build := nodeBuild{
		node: n, folder: filepath.Join(pl.root, "components", n.Base), module: n.Module + "@" + version,
		root: pl.root, tool: pl.tool, binary: map[string]string{}, bases: map[string]string{},
	}
	k := newKeyer("node", nodeRecipe, build.module, n.Files, runtime.GOARCH)
	for _, name := range n.programNames() {
		u, err := pl.programUnit(name)
		if err != nil {
			return err
		}
		k.add(name, u.key)
		build.binary[name] = pl.file(u)
		if name == "kubelet" {
			build.version = u.version
		}
	}
	base, err := pl.addBase(n.Name, build.version, n.Base, true)
	if err != nil {
		return err
	}
	build.base = pl.file(base)
	k.add(base.key)
	for _, image := range n.Images {
		k.add(image, n.ImageBases[image])
		if n.ImageBases[image] == "" {
			continue
		}
		under, err := pl.addBase(n.Name, build.version, n.ImageBases[image], false)
		if err != nil {
			return err
		}
		build.bases[image] = pl.file(under)
		k.add(under.key)
	}
	for _, place := range slices.Sorted(maps.Keys(n.Programs)) {
		k.add(append([]string{place}, n.Programs[place]...)...)
	}
	if err := k.addTree(filepath.Join(build.folder, "files"), nil); err != nil {
		return err
	}
	// The key is part of the tag, so that an engine that has the tag has the image.
	build.ref = imagePrefix + n.Name + ":" + build.version + "-" + k.key()
	pl.units = append(pl.units, unit{
		slot:  slot{kind: "node-images", name: n.Name, key: k.key()},
		owner: n.Name, label: "image " + build.ref, file: imageFile, ref: build.ref, version: build.version,
		build: build.write,
	})
	return nil
}

// programNames lists the programs in the node and in its images, each once.
func (n node) programNames() []string {
	names := slices.Clone(n.Images)
	for _, programs := range n.Programs {
		names = append(names, programs...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// programUnit returns the unit of a program, which it plans if that was not done.
func (pl *planner) programUnit(name string) (unit, error) {
	find := func() int {
		return slices.IndexFunc(pl.units, func(u unit) bool { return u.kind == "components" && u.name == name })
	}
	if i := find(); i >= 0 {
		return pl.units[i], nil
	}
	p, err := pl.cat.program(name)
	if err != nil {
		return unit{}, err
	}
	if err := pl.addProgram(p); err != nil {
		return unit{}, fmt.Errorf("plan %s: %w", name, err)
	}
	return pl.units[find()], nil
}
