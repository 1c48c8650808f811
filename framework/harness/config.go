package harness

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/target"
)

// ConfigVariable names the environment variable that holds the path of the suite's configuration file.
const ConfigVariable = "MUSTER_SUITE_CONFIG"

// Config is what a run of the suite needs to know, as read from the file.
type Config struct {
	// Kubeconfig is the path of the kubeconfig of the cluster under test.
	Kubeconfig string `json:"kubeconfig"`
	// OutputDir is where evidence goes: <outputDir>/failed/<spec>/.
	OutputDir string `json:"outputDir"`
	// Contract is the Longhorn version whose behaviour is asked for, such as "1.12".
	Contract string `json:"contract"`
	// Target is how the driver under test is dealt with: target.Reference or target.Existing.
	Target string `json:"target"`
	// LeakCheck says whether leftovers fail a spec and the run.
	LeakCheck bool `json:"leakCheck"`
	// Events is the file or FIFO that gets one JSON line for each finished spec; empty means none.
	Events string `json:"events"`
	// Run is the id of the run, which everything that it makes is marked with.
	Run string `json:"run,omitempty"`
	// Driver is the CSI name of the driver under test.
	Driver string `json:"driver,omitempty"`
	// Classes are those that specs use in place of the documented ones.
	Classes Classes `json:"classes"`
	// Store is where backups to the default target go.
	Store backupstore.Store `json:"store"`
	// Registry has the images of test pods; "" when they are on the nodes.
	Registry string `json:"registry,omitempty"`
	// Shared says that others use the cluster meanwhile: what they make is no leftover.
	Shared bool `json:"shared,omitempty"`
	// Beside says that other processes of the same run are at work: what is left at the end is looked at
	// by who has started all of them.
	Beside bool `json:"beside,omitempty"`
	// KeepSettings skips the specs that change a cluster-wide setting.
	KeepSettings bool `json:"keepSettings,omitempty"`
	// TimeoutScale multiplies what specs wait at most, see timeouts.Scale; 0 and 1 leave it as it is.
	TimeoutScale float64 `json:"timeoutScale,omitempty"`
}

// LoadConfig reads the file that MUSTER_SUITE_CONFIG names; unknown keys and missing values are errors.
func LoadConfig() (Config, error) {
	path := os.Getenv(ConfigVariable)
	if path == "" {
		return Config{}, fmt.Errorf("%s is not set: start the specs with `muster e2e`, or set it to a configuration file", ConfigVariable)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the suite configuration named by %s: %w", ConfigVariable, err)
	}
	return ParseConfig(text)
}

// ParseConfig reads a configuration from YAML; unknown keys and missing values are errors.
func ParseConfig(text []byte) (Config, error) {
	config := Config{Contract: target.DefaultContract, Target: target.Reference, LeakCheck: true}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return Config{}, fmt.Errorf("suite configuration: %w (known keys: %s)", err, strings.Join(keysOf(config), ", "))
	}
	if config.Kubeconfig == "" {
		return Config{}, fmt.Errorf("suite configuration: key kubeconfig is missing: it names the cluster under test")
	}
	if config.OutputDir == "" {
		return Config{}, fmt.Errorf("suite configuration: key outputDir is missing: evidence of failed specs goes there")
	}
	if _, err := parseVersion(config.Contract); err != nil {
		return Config{}, fmt.Errorf("suite configuration: key contract: %w", err)
	}
	if config.Run != "" {
		if err := runid.Check(config.Run); err != nil {
			return Config{}, fmt.Errorf("suite configuration: key run: %w", err)
		}
	}
	if config.TimeoutScale < 0 || config.TimeoutScale > 10 {
		return Config{}, fmt.Errorf("suite configuration: key timeoutScale is %g, want a factor between 0 (as it is) and 10", config.TimeoutScale)
	}
	output, err := filepath.Abs(config.OutputDir)
	if err != nil {
		return Config{}, fmt.Errorf("suite configuration: key outputDir: %w", err)
	}
	config.OutputDir = output
	return config.withDefaults(), nil
}

// withDefaults is the configuration with the driver, classes and store of the fixtures where it names no others.
func (c Config) withDefaults() Config {
	c.Driver = cmp.Or(c.Driver, target.DriverName)
	documented := DocumentedClasses()
	c.Classes = Classes{
		Ext4: cmp.Or(c.Classes.Ext4, documented.Ext4), XFS: cmp.Or(c.Classes.XFS, documented.XFS),
		Snapshot: cmp.Or(c.Classes.Snapshot, documented.Snapshot), Backup: cmp.Or(c.Classes.Backup, documented.Backup),
		Image: cmp.Or(c.Classes.Image, documented.Image),
	}
	c.Store = cmp.Or(c.Store, backupstore.Own())
	return c
}

// keysOf lists the keys of a configuration.
func keysOf(config Config) []string {
	var keys []string
	for field := range reflect.TypeOf(config).Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}

// version is major and minor of a Longhorn release.
type version struct{ major, minor int }

// CheckContract refuses what is not the version of a Longhorn.
func CheckContract(text string) error {
	_, err := parseVersion(text)
	return err
}

func parseVersion(text string) (version, error) {
	var v version
	if _, err := fmt.Sscanf(text, "%d.%d", &v.major, &v.minor); err != nil {
		return version{}, fmt.Errorf("%q is not a Longhorn version such as \"1.12\"", text)
	}
	return v, nil
}

// atLeast reports whether v is not older than the other version.
func (v version) atLeast(other version) bool {
	return v.major > other.major || v.major == other.major && v.minor >= other.minor
}
