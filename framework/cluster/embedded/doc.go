// Package embedded brings up a real Kubernetes on this Linux machine without
// Docker: etcd, control plane, containerd, kubelet, kube-proxy and CoreDNS in
// namespaces of their own, under one first process. Killing that process ends
// everything; what the kernel does not end by itself (cgroup directories, loop
// devices, the link to the host) is swept afterwards by a small watcher.
//
// This package is the host's side: choosing a subnet, starting and watching,
// ending and sweeping. What happens inside is in package supervisor.
package embedded
