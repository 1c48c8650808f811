package cluster

import "context"

// Node is a node of a running cluster, as this machine reaches into it. What is put there or
// started goes with the node.
type Node interface {
	// Name is that of the Kubernetes node.
	Name() string
	// LoadArchive imports a docker or OCI archive into its container runtime.
	LoadArchive(ctx context.Context, archive string) error
	// Put copies a program of this machine to the node, where it is found under each of the
	// names before any other of the same name. It may be called again.
	Put(ctx context.Context, program string, names ...string) error
	// Run runs a command there and returns what it prints; an error wraps *exec.ExitError when it failed.
	Run(ctx context.Context, command ...string) (string, error)
	// Start starts a command that goes on when this process has ended; what it prints is
	// in the node's logs under name.
	Start(ctx context.Context, name string, command ...string) error
}
