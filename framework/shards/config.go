package shards

import (
	"fmt"
	"reflect"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/internal/nearest"
)

// Where a pod finds what it needs, and how it is told which shard is its own.
const (
	// ConfigPath is the file with the Config.
	ConfigPath = "/etc/muster/shards.yaml"
	// WorkDir is an empty folder that the pod may write to.
	WorkDir = "/work"
	// ShardVariable holds the shard's name; where it is empty, IndexVariable, which
	// Kubernetes sets in the pods of an indexed Job, holds that name less one.
	ShardVariable = "MUSTER_SHARD"
	IndexVariable = "JOB_COMPLETION_INDEX"
)

// Config is what every pod of a run gets to know. There is no secret in it.
type Config struct {
	// Focus and Labels select the specs of the run.
	Focus  string `json:"focus,omitempty"`
	Labels string `json:"labels,omitempty"`
	// Shards is into how many parts they are split.
	Shards int `json:"shards"`
	// Digest is that of the shards, see Digest.
	Digest string `json:"digest"`
	// Processes is how many specs a pod may run at the same time.
	Processes int `json:"processes"`
	// Retries is how often a spec that fails is tried again.
	Retries int `json:"retries,omitempty"`
	// Suite is the configuration of the specs without what only the pod knows: the
	// kubeconfig, the output directory, and whether it can read the backupstore.
	Suite harness.Config `json:"suite"`
}

// ParseConfig reads a configuration. An unknown key is an error: the image has another
// version of the suite than the muster that has written it.
func ParseConfig(text []byte) (Config, error) {
	var config Config
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return Config{}, fmt.Errorf("the configuration of the shards: %w; %s", nearest.Key(err, reflect.TypeFor[Config]()), otherSuite)
	}
	if config.Shards < 1 || config.Shards > MaxShards || config.Processes < 1 {
		return Config{}, fmt.Errorf("the configuration of the shards asks for %d shards of %d processes; %s", config.Shards, config.Processes, otherSuite)
	}
	return config, nil
}

// otherSuite is what to do about an image that does not belong to this muster.
const otherSuite = "the image has another version of the suite than the muster that was started: make it anew with muster image"

// Check compares the shards that a pod has found with those of the plan.
func (c Config) Check(found []Shard) error {
	if Digest(found) == c.Digest {
		return nil
	}
	return fmt.Errorf("the suite in the image does not have the specs of the plan; %s", otherSuite)
}
