// Package harness is what the specs stand on: the connection to the cluster
// under test, a namespace for each spec with evidence and a checked cleanup,
// and helpers that create objects and wait for what becomes of them. Helpers
// return values and errors; the specs assert.
package harness

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/target"
)

// Cluster is the connection to the cluster and the driver under test; one for each process.
type Cluster struct {
	// Config is the suite's configuration.
	Config Config
	// Kube waits and runs commands in pods.
	Kube *kube.Client
	// Client reads, writes and watches objects of every kind the suite knows.
	Client client.WithWatch
	// Target is the driver under test.
	Target target.Target

	contract *contract.Catalogue
	bucket   bucket
	socket   socket
	// plain is Client without the guard for resources that are missing.
	plain client.WithWatch
	// lacks says why specs that need Longhorn's resources cannot run, "" when they can.
	lacks string
}

// Connect makes the clients; it talks to the API server only as far as discovery needs.
func Connect(config Config) (*Cluster, error) {
	restConfig, err := clientcmd.BuildConfigFromFlags("", config.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s of the cluster under test: %w", config.Kubeconfig, err)
	}
	return ConnectTo(restConfig, config)
}

// ConnectTo is Connect to the cluster of restConfig, which it changes, instead of that of the kubeconfig.
func ConnectTo(restConfig *rest.Config, config Config) (*Cluster, error) {
	config = config.withDefaults()
	// Specs wait by watching and never poll in a loop: throttling would only distort what they measure.
	restConfig.QPS, restConfig.Burst = 200, 400
	restConfig.UserAgent = "muster-suite"
	scheme, err := longhorn.NewScheme()
	if err != nil {
		return nil, err
	}
	cl, err := client.NewWithWatch(restConfig, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: %w", restConfig.Host, err)
	}
	catalogue, err := contract.Load()
	if err != nil {
		return nil, err
	}
	kubeClient, err := kube.New(restConfig)
	if err != nil {
		return nil, err
	}
	kubeClient.Making = kube.Making{Run: config.Run, Registry: config.Registry}
	under, err := target.New(config.Target, restConfig, config.Driver, config.Contract)
	if err != nil {
		return nil, err
	}
	cluster := &Cluster{Config: config, Kube: kubeClient, Target: under, plain: marking(cl, config.Run), contract: catalogue}
	if cluster.lacks, err = lacking(cl); err != nil {
		return nil, fmt.Errorf("ask the cluster at %s for the kinds that it serves: %w", restConfig.Host, err)
	}
	cluster.Client = cluster.guarding(cluster.plain)
	kubeClient.Explain = cluster.explain
	return cluster, nil
}

// marking makes a client mark with the run what it creates.
func marking(cl client.WithWatch, run string) client.WithWatch {
	return interceptor.NewClient(cl, interceptor.Funcs{
		Create: func(ctx context.Context, to client.WithWatch, object client.Object, options ...client.CreateOption) error {
			runid.Mark(object, run)
			return to.Create(ctx, object, options...)
		},
	})
}
