// Package cluster says what a Kubernetes cluster is to the rest of muster: a
// name, a kubeconfig and where its node can be reached. How one is brought up
// lives in the packages below (embedded; kind and existing follow).
package cluster

import "time"

// DefaultName is the name of a cluster for which none was given.
const DefaultName = "muster"

// Info is what a caller needs to use a running cluster.
type Info struct {
	Name       string `json:"name"`
	Kubeconfig string `json:"kubeconfig"` // path of a kubeconfig file with full rights
	NodeIP     string `json:"nodeIP"`     // reachable from the host
	StateDir   string `json:"stateDir"`   // logs and data of this cluster
	PID        int    `json:"pid"`        // first process of the cluster, host numbering
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
