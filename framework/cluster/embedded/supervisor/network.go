//go:build linux

package supervisor

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
)

// configureNetwork brings up the loopback and the link to the host, routes
// everything else through the host's end and lets pods be routed.
func configureNetwork(spec *Spec) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find the loopback interface: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("bring up the loopback interface: %w", err)
	}
	link, err := netlink.LinkByName(spec.Interface)
	if err != nil {
		return fmt.Errorf("find the link to the host (%s): %w", spec.Interface, err)
	}
	addr, err := netlink.ParseAddr(spec.NodeCIDR)
	if err != nil {
		return fmt.Errorf("parse the node address %s: %w", spec.NodeCIDR, err)
	}
	if err := netlink.AddrAdd(link, addr); err != nil {
		return fmt.Errorf("give the node the address %s: %w", spec.NodeCIDR, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring up the link to the host: %w", err)
	}
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: net.ParseIP(spec.Gateway)}
	if err := netlink.RouteAdd(route); err != nil {
		return fmt.Errorf("route through the host at %s: %w", spec.Gateway, err)
	}
	return networkSysctls()
}

// networkSysctls sets what belongs to this network namespace only.
// bridge-nf-call-iptables makes replies between two pods on the same bridge
// pass the Service address translation; kernels without br_netfilter do not
// have the file and rely on kube-proxy's masquerading.
func networkSysctls() error {
	for path, optional := range map[string]bool{
		"/proc/sys/net/ipv4/ip_forward":                false,
		"/proc/sys/net/bridge/bridge-nf-call-iptables": true,
	} {
		err := os.WriteFile(path, []byte("1"), 0o644)
		if err != nil && !(optional && errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("set %s: %w", path, err)
		}
	}
	return nil
}
