// Package harness is what the specs stand on: the connection to the cluster
// under test, a namespace for each spec with evidence and a checked cleanup,
// and helpers that create objects and wait for what becomes of them. Helpers
// return values and errors; the specs assert.
package harness

import (
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/target"
)

const (
	// DriverName is the CSI driver under test.
	DriverName = "driver.longhorn.io"
	// ClassExt4 is the StorageClass for ext4 file systems and raw block volumes.
	ClassExt4 = "longhorn"
	// ClassXFS is the StorageClass for xfs file systems.
	ClassXFS = "longhorn-xfs"
	// SnapClass is the VolumeSnapshotClass of type snap with deletion policy Delete.
	SnapClass = "longhorn-snapshot-vsc"
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
}

// Connect makes the clients; it talks to the API server only as far as discovery needs.
func Connect(config Config) (*Cluster, error) {
	restConfig, err := clientcmd.BuildConfigFromFlags("", config.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s of the cluster under test: %w", config.Kubeconfig, err)
	}
	// Specs wait by watching and never poll in a loop: throttling would only distort what they measure.
	restConfig.QPS, restConfig.Burst = 200, 400
	restConfig.UserAgent = "muster-suite"
	scheme, err := longhorn.NewScheme()
	if err != nil {
		return nil, err
	}
	cl, err := client.NewWithWatch(restConfig, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster of kubeconfig %s: %w", config.Kubeconfig, err)
	}
	if config.Target != "reference" {
		return nil, fmt.Errorf("unknown target %q: known is \"reference\"", config.Target)
	}
	catalogue, err := contract.Load()
	if err != nil {
		return nil, err
	}
	kubeClient, err := kube.New(restConfig)
	if err != nil {
		return nil, err
	}
	cluster := &Cluster{
		Config: config, Kube: kubeClient, Client: cl, Target: target.NewReference(restConfig, nil, config.Contract), contract: catalogue,
	}
	kubeClient.Explain = cluster.explain
	return cluster, nil
}
