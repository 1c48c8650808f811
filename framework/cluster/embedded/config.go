package embedded

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
	"github.com/muster-csi/muster/framework/components"
)

// Config says which cluster to bring up. The zero value with a Set is valid.
type Config struct {
	Name      string    // "" = cluster.DefaultName
	Subnet    string    // IPv4 CIDR for node, pods and Services; "" = a free one is chosen
	StateRoot string    // "" = StateRoot()
	Cache     string    // "" = the per-user cache; prepared image stores are kept there
	Set       Programs  // built programs and images
	Progress  io.Writer // nil = silent
}

// Programs is what Up needs of a component set; *components.Set has it.
type Programs interface {
	Binary(name string) string   // absolute path of a program
	Images() []components.Image  // image archives, all of them imported
	Versions() map[string]string // program name -> version
}

// defaultStateRoot is where clusters live unless $MUSTER_STATE says otherwise.
const defaultStateRoot = "/var/lib/muster/clusters"

// StateRoot returns the directory that holds one directory per cluster:
// $MUSTER_STATE, else /var/lib/muster/clusters.
func StateRoot() string {
	if dir := os.Getenv("MUSTER_STATE"); dir != "" {
		return dir
	}
	return defaultStateRoot
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
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.StateRoot == "" {
		c.StateRoot = StateRoot()
	}
	if c.Cache == "" {
		cache, err := components.CacheDir()
		if err != nil {
			return c, err
		}
		c.Cache = cache
	}
	return c, nil
}

// storeDir is where prepared image stores are kept.
func (c Config) storeDir() string { return filepath.Join(c.Cache, "image-stores") }

// nodeName is the host name and the node's name of a cluster.
func nodeName(name string) string { return "muster-" + name }

// ComponentNames lists what a cluster without add-ons is made of, by the names
// that components.Options.Only takes.
func ComponentNames() []string {
	return append(supervisor.Programs(), "pause", "coredns", "kubectl")
}
