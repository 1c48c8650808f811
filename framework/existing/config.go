// Package existing fits the suite into a cluster that somebody else has made: it
// reads what the owner says of it, chooses among the classes and the backupstore
// that are there, makes the classes that are missing, and removes them again.
package existing

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/internal/nearest"
)

// What Config.Backupstore can be.
const (
	// OwnStore uses the cluster's default BackupTarget when it is available.
	OwnStore = "own"
	// InstallStore brings MinIO and points the default BackupTarget at it for the run.
	InstallStore = "install"
	// NoStore skips the specs about backups.
	NoStore = "none"
)

// Config is what the owner of a cluster says of it; all of it may be left out.
// docs/existing.md explains the keys.
type Config struct {
	// Contract is the Longhorn version whose behaviour is asked for, "" where
	// nothing is said of it.
	Contract string `json:"contract,omitempty"`
	// Driver is the CSI name of the driver under test.
	Driver string `json:"driver,omitempty"`
	// Classes to use; one that is not named is chosen, or made for the run.
	Classes harness.Classes `json:"classes,omitzero"`
	// Backupstore is own, install or none.
	Backupstore string `json:"backupstore,omitempty"`
	// Registry has muster's images; "" when they are on the nodes.
	Registry string `json:"registry,omitempty"`
	// KeepSettings skips the specs that change a setting of the whole cluster.
	KeepSettings bool `json:"keepSettings,omitempty"`
	// TimeoutScale multiplies what specs wait at most, for slow clusters.
	TimeoutScale float64 `json:"timeoutScale,omitempty"`
}

// ReadConfig loads a configuration; an empty path means the one that says nothing.
func ReadConfig(path string) (Config, error) {
	if path == "" {
		return ParseConfig(nil)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration of the cluster: %w", err)
	}
	config, err := ParseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	return config, nil
}

// ParseConfig reads a configuration. An unknown key or value is an error that
// suggests the nearest.
func ParseConfig(text []byte) (Config, error) {
	var config Config
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return Config{}, nearest.Key(err, reflect.TypeFor[Config]())
	}
	config.Driver = cmp.Or(config.Driver, target.DriverName)
	config.Backupstore = cmp.Or(config.Backupstore, OwnStore)
	if err := harness.CheckContract(cmp.Or(config.Contract, target.DefaultContract)); err != nil {
		return Config{}, fmt.Errorf("key contract: %w", err)
	}
	if stores := []string{OwnStore, InstallStore, NoStore}; !slices.Contains(stores, config.Backupstore) {
		return Config{}, fmt.Errorf("key backupstore is %q; did you mean %s? It is one of %s",
			config.Backupstore, nearest.Of(config.Backupstore, stores), strings.Join(stores, ", "))
	}
	if config.TimeoutScale < 0 || config.TimeoutScale > 10 {
		return Config{}, fmt.Errorf("key timeoutScale is %g, want a factor between 0 (as it is) and 10", config.TimeoutScale)
	}
	if config.KeepSettings && config.Backupstore == InstallStore {
		return Config{}, fmt.Errorf("backupstore: install points the default BackupTarget elsewhere, which keepSettings forbids: leave out one of them")
	}
	return config, nil
}
