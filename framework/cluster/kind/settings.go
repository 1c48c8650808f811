package kind

import (
	"bytes"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

const (
	// kubeletOnCgroupV1 lets a kubelet start that would refuse cgroup v1, and has it
	// make its groups itself: runc then need not freeze what it starts. By way of
	// systemd it must, and on cgroup v1 that fails now and then when the machine is
	// busy ("unable to freeze"), which ends a pod that is not started again.
	kubeletOnCgroupV1 = "kind: KubeletConfiguration\nfailCgroupV1: false\ncgroupDriver: cgroupfs\n"
	// runtimeOnCgroupV1 is the container runtime's part of that.
	runtimeOnCgroupV1 = "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n  SystemdCgroup = false\n"
	// restrictedOOM keeps containers from asking for an OOM score that the host
	// does not let the node have.
	restrictedOOM = "[plugins.\"io.containerd.grpc.v1.cri\"]\n  restrict_oom_score_adj = true\n"
)

// host is what decides how nodes must be set up on this machine.
type host struct {
	cgroupV1   bool
	noResource bool // nobody can have CAP_SYS_RESOURCE
}

// readSettings reads kind's configuration strictly.
func readSettings(file string) (*v1alpha4.Cluster, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the nodes of the cluster: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	settings := &v1alpha4.Cluster{}
	if err := decoder.Decode(settings); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if settings.Kind != "Cluster" || settings.APIVersion != "kind.x-k8s.io/v1alpha4" {
		return nil, fmt.Errorf("read %s: it is kind %q of %q, not Cluster of kind.x-k8s.io/v1alpha4", file, settings.Kind, settings.APIVersion)
	}
	return settings, nil
}

// adapt adds what this machine and a node image of ours need to the settings.
func adapt(settings *v1alpha4.Cluster, on host, ownImage bool) {
	if on.cgroupV1 {
		settings.KubeadmConfigPatches = append(settings.KubeadmConfigPatches, kubeletOnCgroupV1)
		settings.ContainerdConfigPatches = append(settings.ContainerdConfigPatches, runtimeOnCgroupV1)
	}
	if on.noResource {
		settings.ContainerdConfigPatches = append(settings.ContainerdConfigPatches, restrictedOOM)
	}
	if ownImage {
		// kind's network plugin is in its own images only; see connectPods.
		settings.Networking.DisableDefaultCNI = true
	}
	v1alpha4.SetDefaultsCluster(settings)
}
