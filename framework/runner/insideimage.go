package runner

import (
	"bytes"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// SuiteImage is the component whose image runs the specs in pods.
const SuiteImage = "muster-suite"

// suiteImage is the image of the pods, and when it is pulled.
type suiteImage struct {
	ref  string
	pull corev1.PullPolicy
}

// provideImage says where the pods have their image from. Into a cluster that muster has
// made here it is loaded; others have it on their nodes or pull it.
func (e *e2e) provideImage(ctx context.Context) error {
	if e.Inside.Image != "" {
		e.image = suiteImage{ref: e.Inside.Image} // Kubernetes' own rule by the tag
		return nil
	}
	e.image.ref, e.image.pull = e.guest.admin.Image("muster.local/" + SuiteImage + ":dev")
	provider, name := ownCluster(ctx, e.guest.admin.REST)
	if provider == nil || e.image.pull != corev1.PullNever {
		return nil
	}
	began := time.Now()
	bare, _ := provider.Needs()
	set, err := components.Ensure(ctx, components.Options{Root: e.root, Only: append(bare, SuiteImage), Progress: e.Out})
	if err != nil {
		return err
	}
	nodes, err := provider.Nodes(ctx, name, set)
	if err != nil {
		return err
	}
	for _, image := range set.Images() {
		if image.Ref != e.image.ref {
			continue
		}
		for _, node := range nodes {
			if err := node.LoadArchive(ctx, image.Tar); err != nil {
				return fmt.Errorf("bring the suite's image to node %s: %w", node.Name(), err)
			}
		}
	}
	e.terminal.Stage("suite's image in the cluster", time.Since(began))
	return nil
}

// ownCluster finds the cluster among those that muster has made on this machine. For any
// other, and where that cannot be told, there is none.
func ownCluster(ctx context.Context, api *rest.Config) (cluster.Provider, string) {
	for _, kind := range MadeClusterKinds() {
		provider, err := ClusterOptions{Kind: kind}.Provider()
		if err != nil {
			continue
		}
		names, err := provider.Names()
		if err != nil {
			continue
		}
		for _, name := range names {
			status, err := provider.Status(ctx, name)
			if err == nil && status.Phase == cluster.Running && leadsTo(status.Kubeconfig, api) {
				return provider, name
			}
		}
	}
	return nil, ""
}

// leadsTo reports whether a kubeconfig reaches the same API server: at that address, with
// a certificate of the same authority.
func leadsTo(kubeconfig string, api *rest.Config) bool {
	other, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil || other.Host != api.Host {
		return false
	}
	api = rest.CopyConfig(api)
	return rest.LoadTLSFiles(other) == nil && rest.LoadTLSFiles(api) == nil && bytes.Equal(other.CAData, api.CAData)
}
