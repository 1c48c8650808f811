// Package kind brings up clusters whose nodes are Docker containers, with kind as
// a library: the same images as in an embedded cluster, nodes by kind-config.yaml.
// It adapts to what the host lacks, so that nobody has to know it: a registry
// (a node image built here), cgroup v2, CAP_SYS_RESOURCE.
package kind
