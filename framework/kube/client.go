// Package kube holds the few things muster does to any Kubernetes cluster:
// apply manifests, wait by watching, run a command in a pod, reach a pod's port,
// read logs. It knows nothing of storage.
package kube

import (
	"context"
	"fmt"

	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/muster-csi/muster/framework/timeouts"
)

// Client is a connection to one cluster. It is safe for concurrent use.
type Client struct {
	// REST is the configuration the other clients were made from.
	REST *rest.Config
	// Core knows Kubernetes' own kinds.
	Core kubernetes.Interface
	// Dynamic knows every kind.
	Dynamic dynamic.Interface
	// Explain says why an object is not as it was awaited, "" when it does not
	// know; nil never knows. It is asked when a wait is in vain and its text ends the error.
	Explain func(ctx context.Context, ref Ref, budget timeouts.Budget) string
	// Making says how objects are made; set it before the first one.
	Making

	mapper *restmapper.DeferredDiscoveryRESTMapper
}

// New makes the clients and talks to nobody. The client side does not throttle:
// muster waits by watching and asks no more than it needs.
func New(config *rest.Config) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	// The server warns of details of Longhorn's own kinds, which nobody here can change.
	config.WarningHandler = rest.NoWarnings{}
	if config.UserAgent == "" {
		config.UserAgent = "muster"
	}
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot use the configuration of the cluster at %s: %w", config.Host, err)
	}
	every, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot use the configuration of the cluster at %s: %w", config.Host, err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(core.Discovery()))
	return &Client{REST: config, Core: core, Dynamic: every, mapper: mapper}, nil
}
