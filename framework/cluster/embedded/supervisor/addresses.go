package supervisor

import "net/netip"

// etcdURL is where etcd listens, inside the cluster's network namespace only.
const etcdURL = "http://127.0.0.1:2379"

// dnsOffset is the place of the cluster DNS in the Service range; the tenth
// address is what every Kubernetes installer uses.
const dnsOffset = 10

// nodeIP returns the node's address.
func nodeIP(spec *Spec) string {
	return netip.MustParsePrefix(spec.NodeCIDR).Addr().String()
}

// dnsIP returns the ClusterIP of the cluster DNS.
func dnsIP(spec *Spec) string {
	return DNSAddress(netip.MustParsePrefix(spec.ServiceCIDR)).String()
}

// DNSAddress returns the ClusterIP that the DNS Service of a cluster with this
// Service range has.
func DNSAddress(services netip.Prefix) netip.Addr {
	addr := services.Masked().Addr()
	for range dnsOffset {
		addr = addr.Next()
	}
	return addr
}
