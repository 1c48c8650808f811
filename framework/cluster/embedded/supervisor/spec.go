// Package supervisor is the first process of an embedded cluster. It runs in
// namespaces of its own, lays out the file system and the network, starts
// etcd, the control plane, containerd, the kubelet and kube-proxy as its
// children and reaps whatever they leave behind. When it ends, for whatever
// reason, the kernel ends everything else in the cluster.
//
// Nothing here touches the host: what must be done there (interfaces, cgroups
// after the end, loop devices) is done by package embedded.
package supervisor

// Spec is everything the supervisor needs to know. It arrives as one line of
// JSON on the control pipe. All paths are host paths.
type Spec struct {
	Name        string            `json:"name"`        // cluster name
	NodeName    string            `json:"nodeName"`    // host name and node name
	Cgroup      string            `json:"cgroup"`      // directory below every cgroup hierarchy
	StateDir    string            `json:"stateDir"`    // holds everything this cluster writes
	NodeCIDR    string            `json:"nodeCIDR"`    // the node's address with prefix length
	Gateway     string            `json:"gateway"`     // the host's end of the link
	PodCIDR     string            `json:"podCIDR"`     // addresses of pods
	ServiceCIDR string            `json:"serviceCIDR"` // addresses of Services
	Interface   string            `json:"interface"`   // name of the link inside
	Binaries    map[string]string `json:"binaries"`    // program name -> path
	Images      []string          `json:"images"`      // image archives that are still to be imported
	PauseImage  string            `json:"pauseImage"`  // sandbox image reference
	Version     string            `json:"version"`     // Kubernetes version, v1.2.3
	Verbosity   int               `json:"verbosity"`   // -v of the Kubernetes programs
}

// Programs are the names that Spec.Binaries must have.
func Programs() []string {
	return []string{
		"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubeadm",
		"containerd", "containerd-shim-runc-v2", "ctr", "runc", "bridge", "host-local", "loopback",
	}
}

// Event is one line of JSON from the supervisor to the process that started
// it: a step began, ended well or failed.
type Event struct {
	Step    string  `json:"step"`
	State   State   `json:"state"`
	Seconds float64 `json:"seconds,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// State is where a step stands.
type State string

// The states of a step.
const (
	Began  State = "began"
	Done   State = "done"
	Failed State = "failed"
)

// Names of the steps, which are also the names of the components' log files.
const (
	StepNetwork           = "network"
	StepPKI               = "kubeadm"
	StepEtcd              = "etcd"
	StepAPIServer         = "kube-apiserver"
	StepControllerManager = "kube-controller-manager"
	StepScheduler         = "kube-scheduler"
	StepContainerd        = "containerd"
	StepImages            = "images"
	StepKubelet           = "kubelet"
	StepProxy             = "kube-proxy"
)

// ReadyStep is the name of the last event: every step is done.
const ReadyStep = "cluster"

// Commit is the line by which the starting process hands the cluster over:
// from then on it lives without that process. Without it the supervisor ends
// when the control pipe closes.
const Commit = "commit"

// ControlFD and EventFD are the supervisor's inherited file descriptors.
const (
	ControlFD = 3
	EventFD   = 4
)

// Steps are the names of all steps of a start.
func Steps() []string {
	return []string{
		StepNetwork, StepPKI, StepEtcd, StepAPIServer, StepControllerManager, StepScheduler,
		StepContainerd, StepImages, StepKubelet, StepProxy,
	}
}
