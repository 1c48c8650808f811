package report

import "strings"

// Environment is where the driver was examined.
type Environment struct {
	// ClusterProvider is what brought up the cluster, such as embedded.
	ClusterProvider string `json:"clusterProvider"`
	// Kubernetes is the version of the API server.
	Kubernetes string `json:"kubernetes"`
	// Sidecars are the versions of the CSI sidecars and of the snapshot
	// controller. Key is the name of the image.
	Sidecars map[string]string `json:"sidecars"`
	// CRDs are the versions of the custom resource definitions that were
	// installed. Key is snapshot or longhorn.
	CRDs map[string]string `json:"crds"`
	// ISCSI says what attaches Longhorn's volumes to the nodes where that was
	// brought for the run; absent means whatever the nodes have.
	ISCSI string `json:"iscsi,omitempty"`
	// Changes are what was installed otherwise than the release under test has
	// it, each with its reason.
	Changes []string `json:"changes,omitempty"`
	// NFSClient is what mounts NFS targets for the reference driver: kernel or user space.
	// It is "" in a cluster of somebody else.
	NFSClient string `json:"nfsClient,omitempty"`
	// Nodes are the cluster's nodes by name.
	Nodes []Node `json:"nodes"`
}

// Node is one node of the cluster, as its kubelet describes it.
type Node struct {
	// Name is the node's name.
	Name string `json:"name"`
	// Kernel is the release of its kernel, as uname -r prints it.
	Kernel string `json:"kernel"`
	// OS is its operating system, such as "Debian GNU/Linux 12 (bookworm)".
	OS string `json:"os"`
	// Architecture is that of its processor, such as amd64.
	Architecture string `json:"architecture"`
	// CPUs is how many processors it has.
	CPUs int64 `json:"cpus"`
	// MemoryBytes is its memory.
	MemoryBytes int64 `json:"memoryBytes"`
	// ContainerRuntime is what runs its containers, such as containerd://2.4.2.
	ContainerRuntime string `json:"containerRuntime"`
}

// NewEnvironment sorts the versions of everything that took part (Report.Versions).
func NewEnvironment(provider string, versions map[string]string, nodes []Node) Environment {
	e := Environment{ClusterProvider: provider, Kubernetes: versions["kubernetes"],
		Sidecars: map[string]string{}, CRDs: map[string]string{}, Nodes: nodes}
	for name, version := range versions {
		if short, ok := strings.CutSuffix(name, "-crds"); ok {
			e.CRDs[short] = version
		} else if strings.HasPrefix(name, "csi-") && name != "csi-sanity" || name == "snapshot-controller" {
			e.Sidecars[name] = version
		}
	}
	return e
}
