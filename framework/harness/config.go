package harness

import (
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
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
	// Target names the driver under test: "reference".
	Target string `json:"target"`
	// LeakCheck says whether leftovers fail a spec and the run.
	LeakCheck bool `json:"leakCheck"`
	// Events is the file or FIFO that gets one JSON line for each finished spec; empty means none.
	Events string `json:"events"`
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
	config := Config{Contract: "1.12", Target: "reference", LeakCheck: true}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return Config{}, fmt.Errorf("suite configuration: %w (known keys: kubeconfig, outputDir, contract, target, leakCheck, events, timeoutScale)", err)
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
	if config.TimeoutScale < 0 || config.TimeoutScale > 10 {
		return Config{}, fmt.Errorf("suite configuration: key timeoutScale is %g, want a factor between 0 (as it is) and 10", config.TimeoutScale)
	}
	output, err := filepath.Abs(config.OutputDir)
	if err != nil {
		return Config{}, fmt.Errorf("suite configuration: key outputDir: %w", err)
	}
	config.OutputDir = output
	return config, nil
}

// version is major and minor of a Longhorn release.
type version struct{ major, minor int }

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
