package embedded

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// The range that subnets are chosen from and the size of each. It is private
// address space that installers rarely use.
var subnetPool = netip.MustParsePrefix("10.208.0.0/12")

const subnetBits = 20

// The sizes an explicit subnet may have.
const (
	widestSubnet    = 12
	narrowestSubnet = 22
)

// ErrSubnetTaken is returned when a subnet given by the user overlaps one that
// the host uses.
var ErrSubnetTaken = errors.New("the subnet is taken")

// addressPlan is how the addresses of one cluster are used.
type addressPlan struct {
	subnet   netip.Prefix
	host     netip.Prefix // the host's end of the link, with the link's length
	node     netip.Prefix // the node's end
	pods     netip.Prefix // second quarter
	services netip.Prefix // second half
}

// planAddresses divides a subnet: the first quarter for the link between host
// and node, the second for pods, the second half for Services.
func planAddresses(subnet netip.Prefix) addressPlan {
	subnet = subnet.Masked()
	host := subnet.Addr().Next()
	return addressPlan{
		subnet:   subnet,
		host:     netip.PrefixFrom(host, 30),
		node:     netip.PrefixFrom(host.Next(), 30),
		pods:     part(subnet, 2, 1),
		services: part(subnet, 1, 1),
	}
}

// part returns the index-th of the 2^bits equal parts of an IPv4 prefix.
func part(p netip.Prefix, bits int, index uint32) netip.Prefix {
	length := p.Bits() + bits
	return netip.PrefixFrom(addOffset(p.Addr(), index<<(32-length)), length)
}

func addOffset(a netip.Addr, offset uint32) netip.Addr {
	b := a.As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += offset
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// chooseSubnet returns wanted when it is given and free, else a free part of
// the pool. Everything in taken is avoided. The search begins at a random
// place so that two clusters started at the same moment rarely meet.
func chooseSubnet(wanted string, taken []netip.Prefix) (netip.Prefix, error) {
	if wanted != "" {
		return checkSubnet(wanted, taken)
	}
	count := uint32(1) << (subnetBits - subnetPool.Bits())
	first := rand.Uint32N(count)
	for i := range count {
		candidate := part(subnetPool, subnetBits-subnetPool.Bits(), (first+i)%count)
		if _, hit := overlap(candidate, taken); !hit {
			return candidate, nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("no free subnet in %s: the host's routes cover it; give one with --subnet, such as 172.20.0.0/20", subnetPool)
}

func checkSubnet(wanted string, taken []netip.Prefix) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(wanted)
	if err != nil || !p.Addr().Is4() || p.Bits() < widestSubnet || p.Bits() > narrowestSubnet {
		return p, fmt.Errorf("%q cannot be the subnet: give an IPv4 range from /%d to /%d, such as 10.210.16.0/%d",
			wanted, widestSubnet, narrowestSubnet, subnetBits)
	}
	p = p.Masked()
	if with, hit := overlap(p, taken); hit {
		return p, fmt.Errorf("%w: %s overlaps %s, which this host already routes; choose another or leave --subnet away", ErrSubnetTaken, p, with)
	}
	return p, nil
}

func overlap(p netip.Prefix, taken []netip.Prefix) (netip.Prefix, bool) {
	for _, t := range taken {
		if p.Overlaps(t) {
			return t, true
		}
	}
	return netip.Prefix{}, false
}
