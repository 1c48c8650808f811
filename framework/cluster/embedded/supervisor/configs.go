package supervisor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// kubeadmConfig renders what kubeadm needs to make certificates and
// kubeconfigs. ECDSA keys cost milliseconds where RSA keys cost a second.
func kubeadmConfig(spec *Spec) string {
	return fmt.Sprintf(`apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: %[1]s
  bindPort: 6443
nodeRegistration:
  name: %[2]s
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: %[2]s
kubernetesVersion: %[3]s
certificatesDir: %[4]s
encryptionAlgorithm: ECDSA-P256
etcd:
  external:
    endpoints: [%[5]s]
networking:
  podSubnet: %[6]s
  serviceSubnet: %[7]s
`, nodeIP(spec), spec.NodeName, spec.Version, pkiDir, etcdURL, spec.PodCIDR, spec.ServiceCIDR)
}

// kubeletConfig renders the kubelet's configuration: fast start, no eviction
// and no image collection, since the cluster lives for minutes and its images
// cannot be pulled again.
func kubeletConfig(spec *Spec) string {
	return fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 0.0.0.0
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: %[1]s/ca.crt}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /%[2]s
failCgroupV1: false
failSwapOn: false
clusterDNS: [%[3]s]
clusterDomain: cluster.local
resolvConf: ""
containerRuntimeEndpoint: unix://%[4]s
evictionHard: {}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
serializeImagePulls: false
kubeAPIQPS: 500
kubeAPIBurst: 1000
eventRecordQPS: 0
syncFrequency: 10s
volumeStatsAggPeriod: 5s
nodeStatusUpdateFrequency: 1s
oomScoreAdj: 0
maxPods: 250
podLogsDir: /var/log/pods
healthzBindAddress: 127.0.0.1
healthzPort: 10248
`, pkiDir, spec.Cgroup, dnsIP(spec), containerSock)
}

// proxyConfig renders kube-proxy's configuration. masqueradeAll sends replies
// between two pods of the node back through the address translation, also on
// kernels without br_netfilter. The conntrack settings of the host stay alone.
func proxyConfig(spec *Spec, kubeconfig string) string {
	return fmt.Sprintf(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: %[1]s, qps: 100, burst: 200}
clusterCIDR: %[2]s
hostnameOverride: %[3]s
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
oomScoreAdj: 0
nftables: {masqueradeAll: true, minSyncPeriod: 50ms}
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
`, kubeconfig, spec.PodCIDR, spec.NodeName)
}

// schedulerConfig renders the scheduler's configuration. Short backoff: a pod
// that waits for its claim is tried again a second later, not ten.
func schedulerConfig(kubeconfig string) string {
	return fmt.Sprintf(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: %s, qps: 500, burst: 1000}
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 2
`, kubeconfig)
}

// containerdConfig renders containerd's configuration (version 3).
func containerdConfig(spec *Spec) string {
	var dirs []string
	for _, plugin := range []string{"bridge", "host-local", "loopback"} {
		if dir := filepath.Dir(spec.Binaries[plugin]); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return fmt.Sprintf(`version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
  address = %[1]q

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = %[2]q

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      runtime_path = %[3]q
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = %[4]q
        SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["%[5]s"]
    conf_dir = %[6]q
`, containerSock, spec.PauseImage, spec.Binaries["containerd-shim-runc-v2"], spec.Binaries["runc"],
		strings.Join(dirs, `", "`), cniConfDir)
}

// cniConfig renders the pod network: one bridge, its address the default
// gateway of the pods, no address translation towards the host.
func cniConfig(spec *Spec) string {
	return fmt.Sprintf(`{
  "cniVersion": "1.0.0",
  "name": "muster",
  "plugins": [{
    "type": "bridge",
    "bridge": "cni0",
    "isDefaultGateway": true,
    "ipMasq": false,
    "hairpinMode": true,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": %q}]], "dataDir": "/run/cni-ipam"}
  }]
}
`, spec.PodCIDR)
}
