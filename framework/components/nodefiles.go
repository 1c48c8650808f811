package components

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// nodeServices are what systemd starts in a node.
var nodeServices = []string{"kubelet", "containerd", "undo-mount-hacks", "muster-images"}

// tree collects what lies over the Debian packages: kind's files as its pinned
// module has them, ours, the programs, and what its Dockerfile writes.
func (b nodeBuild) tree(ctx context.Context, dir string, log io.Writer) (fileTree, error) {
	tree := fileTree{}
	files, err := b.kindFiles(ctx, log)
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{files, filepath.Join(b.folder, "files")} {
		if err := tree.addDir(dir); err != nil {
			return nil, fmt.Errorf("collect the files of the node image: %w", err)
		}
	}
	for place, programs := range b.Programs {
		for _, program := range programs {
			tree[place+"/"+program] = treeFile{mode: 0o755, source: b.binary[program]}
		}
	}
	for _, service := range nodeServices {
		unit := "etc/systemd/system/" + service + ".service"
		if _, ok := tree[unit]; !ok {
			return nil, fmt.Errorf("%s has no %s: kind's image is laid out in another way than this build knows", b.module, unit)
		}
		tree["etc/systemd/system/multi-user.target.wants/"+service+".service"] = treeFile{link: "/" + unit}
	}
	if tree["etc/containerd/cri-base.json"], err = b.containerSpec(ctx); err != nil {
		return nil, err
	}
	tree["kind/version"] = treeFile{mode: 0o644, content: []byte(b.version)}
	images, err := b.writeControlPlane(ctx, dir)
	if err != nil {
		return nil, err
	}
	tree["kind/images/"+controlPlaneFile] = treeFile{mode: 0o644, source: images}
	return tree, nil
}

// kindFiles returns the directory of kind's own files in the module cache.
func (b nodeBuild) kindFiles(ctx context.Context, log io.Writer) (string, error) {
	dir, err := b.tool.moduleDir(ctx, b.root, b.module, log)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.FromSlash(b.Files)), nil
}

var sandboxSetting = regexp.MustCompile(`(?m)^\s*sandbox_image\s*=\s*"([^"]+)"`)

// sandboxImage returns the pause image that kind's containerd is set to.
func (b nodeBuild) sandboxImage(ctx context.Context) (string, error) {
	dir, err := b.kindFiles(ctx, io.Discard)
	if err != nil {
		return "", err
	}
	config, err := os.ReadFile(filepath.Join(dir, "etc/containerd/config.toml"))
	if err != nil {
		return "", fmt.Errorf("read the settings of kind's containerd: %w", err)
	}
	found := sandboxSetting.FindSubmatch(config)
	if found == nil {
		return "", fmt.Errorf("the containerd settings of %s name no sandbox_image", b.module)
	}
	return string(found[1]), nil
}

// containerSpec returns what every container begins with: containerd's default,
// with the hook that shows each node a product of its own, and without limits that
// the host may not allow, as kind's Dockerfile has it.
func (b nodeBuild) containerSpec(ctx context.Context) (treeFile, error) {
	text, err := command{dir: "/", env: os.Environ(), argv: []string{b.binary["ctr"], "oci", "spec"}}.output(ctx)
	if err != nil {
		return treeFile{}, fmt.Errorf("ask containerd for its container spec: %w", err)
	}
	var spec map[string]any
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return treeFile{}, fmt.Errorf("read containerd's container spec: %w", err)
	}
	process, ok := spec["process"].(map[string]any)
	if !ok {
		return treeFile{}, fmt.Errorf("containerd's container spec has no process: %s", text)
	}
	delete(process, "rlimits")
	spec["hooks"] = map[string]any{"createContainer": []any{map[string]any{"path": "/kind/bin/mount-product-files.sh"}}}
	content, err := json.MarshalIndent(spec, "", "  ")
	return treeFile{mode: 0o644, content: content}, err
}
