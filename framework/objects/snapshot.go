package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/nearest"
)

// SnapshotKind marks a file that holds a Snapshot.
const SnapshotKind = "ClusterObjects"

// Snapshot is what a cluster holds at one time. It shows no values, only whether they are the same.
type Snapshot struct {
	Kind string `json:"kind"`
	// Objects has a hash for each field of each object. Key is "Kind.group namespace/name", and
	// below that the name of a field on the first level, or of one of metadata.
	Objects map[string]map[string]string `json:"objects"`
}

// Take lists what there is now, noise left out.
func Take(ctx context.Context, c *kube.Client) (*Snapshot, error) {
	kinds, err := Kinds(c)
	if err != nil {
		return nil, err
	}
	all, err := List(ctx, c, slices.DeleteFunc(kinds, func(kind Kind) bool { return !Lasting(kind) }), "")
	if err != nil {
		return nil, err
	}
	snapshot := &Snapshot{Kind: SnapshotKind, Objects: map[string]map[string]string{}}
	for i := range all {
		if follows(&all[i].Unstructured) {
			continue
		}
		fields, err := fieldsOf(all[i])
		if err != nil {
			return nil, err
		}
		snapshot.Objects[all[i].String()] = fields
	}
	return snapshot, nil
}

// fieldsOf hashes the fields of an object. What a Secret holds is told by its version only: a hash
// of a short password gives it away.
func fieldsOf(object Object) (map[string]string, error) {
	version := object.GetResourceVersion()
	content := object.DeepCopy().Object
	strip(content)
	fields := map[string]string{}
	metadata, _ := content["metadata"].(map[string]any)
	delete(content, "metadata")
	if object.Kind.Group == "" && object.Kind.Resource == "secrets" {
		delete(content, "data")
		fields["data"] = "version " + version
	}
	for prefix, values := range map[string]map[string]any{"": content, "metadata.": metadata} {
		for field, value := range values {
			hash, err := hashOf(value)
			if err != nil {
				return nil, fmt.Errorf("compare field %s of %s: %w", field, object, err)
			}
			fields[prefix+field] = hash
		}
	}
	return fields, nil
}

// hashOf is short: it is compared with that of the same field only.
func hashOf(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6]), nil
}

// Encode is the snapshot as YAML, sorted.
func (s *Snapshot) Encode() ([]byte, error) { return yaml.Marshal(s) }

// Parse reads what Encode has written.
func Parse(text []byte) (*Snapshot, error) {
	var snapshot Snapshot
	if err := yaml.UnmarshalStrict(text, &snapshot); err != nil {
		return nil, nearest.Key(err, reflect.TypeFor[Snapshot]())
	}
	if snapshot.Kind != SnapshotKind {
		return nil, fmt.Errorf("it is of kind %q and not %s: make it with muster objects", snapshot.Kind, SnapshotKind)
	}
	return &snapshot, nil
}
