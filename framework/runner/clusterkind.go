package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/cluster/kind"
	"github.com/muster-csi/muster/internal/nearest"
)

// ClusterKind names a way to a cluster. It is the value of the flag --cluster;
// the zero value is Embedded.
type ClusterKind string

// The ways to a cluster.
const (
	Embedded ClusterKind = "embedded" // in namespaces of this machine, without Docker
	Kind     ClusterKind = "kind"     // Docker containers as nodes
	Existing ClusterKind = "existing" // somebody else has made it
)

// ClusterKinds lists the ways to a cluster.
func ClusterKinds() []ClusterKind { return append(MadeClusterKinds(), Existing) }

// MadeClusterKinds lists those in which the cluster is made, and can be taken down.
func MadeClusterKinds() []ClusterKind { return []ClusterKind{Embedded, Kind} }

// ClusterKindNames lists all of them for a person.
func ClusterKindNames() string {
	names := kindNames()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func kindNames() []string {
	var names []string
	for _, k := range ClusterKinds() {
		names = append(names, string(k))
	}
	return names
}

// Set implements pflag.Value.
func (k *ClusterKind) Set(text string) error {
	if slices.Contains(ClusterKinds(), ClusterKind(text)) {
		*k = ClusterKind(text)
		return nil
	}
	return fmt.Errorf("there is no such way to a cluster, did you mean %s? It is %s", nearest.Of(text, kindNames()), ClusterKindNames())
}

// String implements pflag.Value.
func (k *ClusterKind) String() string { return string(k.orDefault()) }

// Type implements pflag.Value.
func (*ClusterKind) Type() string { return "kind" }

func (k ClusterKind) orDefault() ClusterKind {
	if k == "" {
		return Embedded
	}
	return k
}

// ClusterOptions say which cluster a session is in.
type ClusterOptions struct {
	// Kind is the way to it.
	Kind ClusterKind
	// Name is its name.
	Name string
	// NodeImage is the image of kind's nodes: "" for kind's own, "local" for the
	// one that is built here, or a reference.
	NodeImage string
	// Reuse takes a cluster of that name that runs already, where the kind can.
	Reuse bool
}

// Provider returns what brings up such clusters.
func (o ClusterOptions) Provider() (cluster.Provider, error) {
	switch k := o.Kind.orDefault(); k {
	case Kind:
		return kind.Clusters{NodeImage: o.NodeImage}, nil
	case Embedded:
		if o.NodeImage != "" {
			return nil, fmt.Errorf("a node image (%s) is for --cluster kind only; an embedded cluster has none", o.NodeImage)
		}
		return embedded.Clusters{}, nil
	case Existing:
		return nil, fmt.Errorf("an existing cluster is neither brought up nor taken down here; --cluster %s is for muster e2e", Existing)
	default:
		return nil, fmt.Errorf("there is no way %q to a cluster; it is %s", k, ClusterKindNames())
	}
}
