// Package cluster says what a Kubernetes cluster is to the rest of muster: a
// name, a kubeconfig and where its node can be reached. How one is brought up
// lives in the packages below (embedded, kind).
package cluster

import (
	"context"
	"io"
	"time"

	"github.com/muster-csi/muster/framework/components"
)

// DefaultName is the name of a cluster for which none was given.
const DefaultName = "muster"

// Info is what a caller needs to use a running cluster.
type Info struct {
	Name       string `json:"name"`
	Provider   string `json:"provider"`   // what brought it up, "embedded" or "kind"
	Kubeconfig string `json:"kubeconfig"` // path of a kubeconfig file with full rights
	NodeIP     string `json:"nodeIP"`     // reachable from the host
	StateDir   string `json:"stateDir"`   // kubeconfig, and logs and data where they are on the host
	PID        int    `json:"pid"`        // first process of the cluster, host numbering; 0 for kind
	// Reused is true when Up found the cluster running and took it as it was.
	Reused bool `json:"reused,omitempty"`
}

// Request says which cluster Up brings up.
type Request struct {
	Name     string          // see DefaultName
	Subnet   string          // IPv4 range for node, pods and Services; "" = chosen
	Reuse    bool            // take a cluster of that name that runs already
	Set      *components.Set // built programs and images, all of which are loaded
	Progress io.Writer       // nil = silent
}

// Provider is a way to clusters on this machine. All of its methods may be called
// again, and by several processes at once.
type Provider interface {
	// Check returns an error when Up could not bring up a cluster of that name, as
	// far as that is known before anything is built. One that runs already is
	// ErrRunning unless it may be reused.
	Check(ctx context.Context, name string, reuse bool) error
	// Needs lists the components that a cluster without add-ons is made of, and
	// the optional ones that it takes.
	Needs() (bare, optional []string)
	// Up returns when pods run and a Service name resolves. On an error, also
	// when ctx ends, nothing is left behind.
	Up(ctx context.Context, request Request) (*Info, error)
	// Down removes the cluster, running or dead, with everything that it left on
	// this machine; ErrAbsent when there is none.
	Down(ctx context.Context, name string) error
	// Status says how the cluster is; one that does not exist is phase Absent.
	Status(ctx context.Context, name string) (*Status, error)
	// Names lists the clusters that muster has brought up, running or dead.
	Names() ([]string, error)
	// Nodes lists the nodes of a running cluster; the set has at least what Needs lists.
	Nodes(ctx context.Context, name string, set *components.Set) ([]Node, error)
	// ExportLogs copies the logs of the cluster's own parts into a directory.
	ExportLogs(ctx context.Context, name, dir string) error
}

// Phase is the state of a cluster as seen from outside.
type Phase string

// The phases a cluster can be in.
const (
	Absent   Phase = "absent"   // nothing there
	Starting Phase = "starting" // an up is under way
	Running  Phase = "running"  // the first process is alive
	Dead     Phase = "dead"     // it ended without a down; remains may be there
)

// Status is what can be said about one cluster at one moment.
type Status struct {
	Info    `json:",inline"`
	Phase   Phase     `json:"phase"`
	Subnet  string    `json:"subnet,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Reason  string    `json:"reason,omitempty"` // why it is dead, where known
	Node    string    `json:"node,omitempty"`
	Ready   bool      `json:"ready"` // the node reports Ready
	Pods    int       `json:"pods"`
	Running int       `json:"running"` // pods whose containers are all ready
	Waiting []string  `json:"waiting,omitempty"`
}
