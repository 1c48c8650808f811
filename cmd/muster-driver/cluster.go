package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// crdInterval is how often the API server is asked for the CRDs at the start.
const crdInterval = 100 * time.Millisecond

// connect returns how to reach the API server, once it serves the driver's
// CRDs. Requests are not throttled here: the API server does that fairly.
func connect(ctx context.Context, kubeconfig string, log *slog.Logger) (*rest.Config, error) {
	cluster, err := rest.InClusterConfig()
	if kubeconfig != "" {
		cluster, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		return nil, fmt.Errorf("find the API server (run in a pod with a service account, or pass --kubeconfig): %w", err)
	}
	cluster.QPS = -1
	client, err := discovery.NewDiscoveryClientForConfig(cluster)
	if err != nil {
		return nil, fmt.Errorf("make a discovery client: %w", err)
	}
	told := false
	err = wait.PollUntilContextCancel(ctx, crdInterval, true, func(context.Context) (bool, error) {
		missing, err := missingCRDs(client)
		if (err != nil || len(missing) > 0) && !told {
			told = true
			log.Info("waiting for the longhorn.io CRDs", "missing", missing, "error", err)
		}
		return err == nil && len(missing) == 0, nil
	})
	return cluster, err
}

// missingCRDs returns which of the driver's resources the API server does not serve.
func missingCRDs(client discovery.DiscoveryInterface) ([]string, error) {
	missing := sets.New("volumes", "snapshots", "nodes", "backups", "backupvolumes", "backuptargets", "settings", "backingimages")
	list, err := client.ServerResourcesForGroupVersion(longhorn.SchemeGroupVersion.String())
	if list != nil {
		for _, resource := range list.APIResources {
			missing.Delete(resource.Name)
		}
	}
	return sets.List(missing), err
}
