package embedded

import (
	"errors"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestAddressPlanIsDisjointAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(widestSubnet, narrowestSubnet).Draw(t, "bits")
		addr := netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "b"), rapid.Byte().Draw(t, "c"), 0})
		subnet := netip.PrefixFrom(addr, bits).Masked()
		plan := planAddresses(subnet)
		for name, p := range map[string]netip.Prefix{"host": plan.host, "node": plan.node, "pods": plan.pods, "services": plan.services} {
			if !subnet.Contains(p.Addr()) || p.Bits() < bits {
				t.Fatalf("%s %s is not inside %s", name, p, subnet)
			}
		}
		if plan.host.Masked() != plan.node.Masked() {
			t.Fatalf("host %s and node %s are not on one link", plan.host, plan.node)
		}
		if plan.pods.Overlaps(plan.services) || plan.pods.Overlaps(plan.node) || plan.services.Overlaps(plan.node) {
			t.Fatalf("the parts of %s overlap: %+v", subnet, plan)
		}
	})
}

func TestChosenSubnetAvoidsTakenOnes(t *testing.T) {
	// Everything of the pool but one subnet is taken.
	free := netip.MustParsePrefix("10.213.64.0/20")
	var taken []netip.Prefix
	for i := range uint32(256) {
		if p := part(subnetPool, 8, i); p != free {
			taken = append(taken, p)
		}
	}
	got, err := chooseSubnet("", taken)
	if err != nil || got != free {
		t.Fatalf("chose %v (%v), the only free one is %s", got, err, free)
	}
	if got, err := chooseSubnet("", append(taken, netip.MustParsePrefix("10.213.70.0/24"))); err == nil {
		t.Fatalf("chose %s although a route lies in it", got)
	}
}

func TestExplicitSubnet(t *testing.T) {
	taken := []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}
	if p, err := chooseSubnet("172.20.7.9/20", taken); err != nil || p.String() != "172.20.0.0/20" {
		t.Errorf("got %v, %v", p, err)
	}
	if _, err := chooseSubnet("192.168.0.0/20", taken); !errors.Is(err, ErrSubnetTaken) {
		t.Errorf("an overlapping subnet: %v", err)
	}
	for _, bad := range []string{"x", "10.0.0.0", "10.0.0.0/8", "10.0.0.0/24", "fd00::/20"} {
		if _, err := chooseSubnet(bad, nil); err == nil || errors.Is(err, ErrSubnetTaken) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
