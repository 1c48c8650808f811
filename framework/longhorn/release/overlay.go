package release

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/backupstore"
)

// Change is one thing that is installed otherwise than the release has it.
type Change struct {
	// Kind and Name are those of the object of the manifest.
	Kind, Name string
	// What says what is changed, Why is the reason.
	What, Why string

	change func(*unstructured.Unstructured) error
}

// String is the change for a person.
func (c Change) String() string {
	return fmt.Sprintf("%s %s: %s, because %s", c.Kind, c.Name, c.What, c.Why)
}

// LeastFreePercent is how much of the disk must be free, or Longhorn puts no volume there: as installed here. Released it is 25.
const LeastFreePercent = 10

const (
	oneNode = "the cluster may have one node only"
	// classConfig, settingConfig and resourceConfig are the ConfigMaps that Longhorn makes its
	// StorageClass, its settings and its default BackupTarget from.
	classConfig, classKey       = "longhorn-storageclass", "storageclass.yaml"
	settingConfig, settingKey   = "longhorn-default-setting", "default-setting.yaml"
	resourceConfig, resourceKey = "longhorn-default-resource", "default-resource.yaml"
	deployer, ui                = "longhorn-driver-deployer", "longhorn-ui"
)

// sidecarCounts are the variables by which the driver's deployer is told how many of each
// sidecar to start; unset they mean three.
var sidecarCounts = []string{"CSI_ATTACHER_REPLICA_COUNT", "CSI_PROVISIONER_REPLICA_COUNT", "CSI_RESIZER_REPLICA_COUNT", "CSI_SNAPSHOTTER_REPLICA_COUNT"}

// Overlay lists what is changed of a release in a cluster of a run. Everything else is
// installed as it was released.
func (r *Release) Overlay() []Change {
	target := map[string]string{
		"backup-target": backupstore.Own().URL, "backup-target-credential-secret": backupstore.Secret, "backupstore-poll-interval": "300",
	}
	// The ConfigMap of default resources came with 1.8; before, the target was a matter of settings.
	targetConfig, targetKey := resourceConfig, resourceKey
	if _, found := named(r.Objects, "ConfigMap", resourceConfig); !found {
		targetConfig, targetKey = settingConfig, settingKey
	}
	return []Change{
		{"ConfigMap", classConfig, "numberOfReplicas 1", oneNode, inConfig(classKey, setReplicas)},
		{"ConfigMap", settingConfig, "default-replica-count 1", oneNode, settings(settingKey, map[string]string{"default-replica-count": "1"})},
		{"ConfigMap", settingConfig, "upgrade-checker false", "nothing is to be asked of the internet", settings(settingKey, map[string]string{"upgrade-checker": "false"})},
		{"ConfigMap", settingConfig, fmt.Sprintf("storage-minimal-available-percentage %d", LeastFreePercent), "the disk is the machine's, which has other things on it",
			settings(settingKey, map[string]string{"storage-minimal-available-percentage": strconv.Itoa(LeastFreePercent)})},
		{"ConfigMap", targetConfig, "backup target " + backupstore.Own().URL, "backups go to the MinIO of the run", settings(targetKey, target)},
		{"Deployment", deployer, "one replica of each CSI sidecar", "others would only wait for the first one to die", setVariables(sidecarCounts, "1")},
		{"Deployment", ui, "replicas 1", "nobody looks at it", setCount(1)},
	}
}

// changed returns copies of the release's objects with the overlay applied. A release
// without an object that is to be changed is refused: it would be installed as for production.
func (r *Release) changed() ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, object := range r.Objects {
		objects = append(objects, object.DeepCopy())
	}
	for _, change := range r.Overlay() {
		object, found := named(objects, change.Kind, change.Name)
		if !found {
			return nil, fmt.Errorf("the manifest of Longhorn %s has no %s %s, where %s is to be set: this release needs another overlay (framework/longhorn/release)",
				r.Version, change.Kind, change.Name, change.What)
		}
		if err := change.change(object); err != nil {
			return nil, fmt.Errorf("set %s in %s %s of Longhorn %s: %w", change.What, change.Kind, change.Name, r.Version, err)
		}
	}
	return objects, nil
}
