package kind

import (
	"errors"
	"io"
	"path/filepath"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// LocalImage asks for the node image that is built here, see components/kind-node.
const LocalImage = "local"

// configFile is the file with the nodes, at the repository's root.
const configFile = "kind-config.yaml"

// Config says which cluster to bring up. The zero value with a Set is valid.
type Config struct {
	Name      string          // "" = cluster.DefaultName
	NodeImage string          // "" = kind's own of this version, LocalImage, or a reference
	File      string          // kind's configuration; "" = kind-config.yaml of the repository
	StateRoot string          // "" = StateRoot()
	Reuse     bool            // take a cluster of that name that runs already
	Set       *components.Set // built images, all of them loaded
	Progress  io.Writer       // nil = silent
}

// StateRoot returns the directory that holds one directory per cluster, with its
// kubeconfig: a folder of the cache, for kind needs no root where Docker does not.
func StateRoot() (string, error) {
	cache, err := components.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "kind-clusters"), nil
}

// withDefaults returns c with every empty field filled and checked.
func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		c.Name = cluster.DefaultName
	}
	if err := cluster.CheckName(c.Name); err != nil {
		return c, err
	}
	if c.Set == nil {
		return c, errors.New("no component set was given; call components.Ensure first")
	}
	if c.NodeImage == LocalImage && c.Set.NodeImage().Ref == "" {
		return c, errors.New("the component set has no node image; ask components.Ensure for " + nodeComponent)
	}
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.File == "" {
		root, err := components.FindRoot()
		if err != nil {
			return c, err
		}
		c.File = filepath.Join(root, configFile)
	}
	var err error
	if c.StateRoot == "" {
		c.StateRoot, err = StateRoot()
	}
	return c, err
}
