package kind

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
)

// layout names the paths of one cluster's state on the host.
type layout struct{ root, name string }

func newLayout(root, name string) layout { return layout{root: root, name: name} }

func (l layout) dir() string        { return filepath.Join(l.root, l.name) }
func (l layout) lock() string       { return filepath.Join(l.root, "."+l.name+".lock") }
func (l layout) record() string     { return filepath.Join(l.dir(), "state.json") }
func (l layout) kubeconfig() string { return filepath.Join(l.dir(), "kubeconfig") }

// record is what is remembered of a cluster that came up. A cluster of which only
// the directory exists was begun.
type record struct {
	NodeImage string    `json:"nodeImage"`
	Started   time.Time `json:"started"`
}

// begun reports whether muster has begun to bring up this cluster.
func (l layout) begun() bool {
	_, err := os.Stat(l.dir())
	return err == nil
}

// load returns what is remembered, nil when the cluster did not come up.
func (l layout) load() (*record, error) {
	text, err := os.ReadFile(l.record())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	r := &record{}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of cluster %q: %w; remove it with: muster down --cluster kind --name %s", l.name, err, l.name)
	}
	return r, nil
}

// save writes the record as a whole or not at all.
func (l layout) save(r record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	temp := l.record() + ".tmp"
	if err := os.WriteFile(temp, text, 0o644); err != nil {
		return fmt.Errorf("write the state of cluster %q: %w", l.name, err)
	}
	return os.Rename(temp, l.record())
}

// Names returns the names of all clusters that muster has brought up below root,
// running or not.
func Names(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the kind clusters: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && cluster.CheckName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
