//go:build linux

package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// innerLink is the name of the node's end of the link.
const innerLink = "eth0"

// linkName returns the name of the host's end of the link of the cluster with
// that global name: the same where the 15 characters of an interface name
// allow it.
func linkName(global string) string {
	if len(global) < unix.IFNAMSIZ {
		return global
	}
	sum := sha256.Sum256([]byte(global))
	return "muster-" + hex.EncodeToString(sum[:4])
}

// takenPrefixes returns every IPv4 range that the host has an address in or a
// route to; default routes do not count.
func takenPrefixes() ([]netip.Prefix, error) {
	var taken []netip.Prefix
	add := func(n *net.IPNet) {
		if n == nil {
			return
		}
		ones, bits := n.Mask.Size()
		if addr, ok := netip.AddrFromSlice(n.IP.To4()); ok && bits == 32 && ones > 0 {
			taken = append(taken, netip.PrefixFrom(addr, ones).Masked())
		}
	}
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return nil, fmt.Errorf("list the host's routes: %w", err)
	}
	for _, r := range routes {
		add(r.Dst)
	}
	addrs, err := netlink.AddrList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fmt.Errorf("list the host's addresses: %w", err)
	}
	for _, a := range addrs {
		add(a.IPNet)
	}
	return taken, nil
}

// errLinkExists means that the interface is there already. It is not ours to
// remove.
var errLinkExists = errors.New("exists already and belongs to no cluster here")

// makeLink connects the network namespace of process pid to the host and
// routes the cluster's subnet through it. Packets that come from the cluster
// may be forwarded to another cluster; the host's own setting stays as it is.
func makeLink(name string, pid int, plan addressPlan) error {
	veth := &netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: name},
		PeerName:      innerLink,
		PeerNamespace: netlink.NsPid(pid),
	}
	if err := netlink.LinkAdd(veth); err != nil {
		if errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("the network interface %s %w; remove it (ip link del %s) or choose another --name", name, errLinkExists, name)
		}
		return fmt.Errorf("make the network interface %s: %w", name, err)
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find the network interface %s: %w", name, err)
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(plan.host)}); err != nil {
		return fmt.Errorf("give %s the address %s: %w", name, plan.host, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring up %s: %w", name, err)
	}
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(plan.subnet), Gw: plan.node.Addr().AsSlice()}
	if err := netlink.RouteAdd(route); err != nil {
		return fmt.Errorf("route %s through %s: %w", plan.subnet, name, err)
	}
	forwarding := "/proc/sys/net/ipv4/conf/" + name + "/forwarding"
	if err := os.WriteFile(forwarding, []byte("1"), 0o644); err != nil {
		return fmt.Errorf("let other clusters be reached through %s: %w", name, err)
	}
	return nil
}

// removeLink removes the host's end of a link; that takes the other end and
// the route with it. No link, and no name, is no error.
func removeLink(name string) error {
	if name == "" {
		return nil
	}
	link, err := netlink.LinkByName(name)
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the network interface %s: %w", name, err)
	}
	if err := netlink.LinkDel(link); err != nil && !errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("remove the network interface %s: %w", name, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), 32)}
}
