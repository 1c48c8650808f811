package image

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// metadata are the addresses at which clouds tell a node about itself, often
// with credentials.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // most of them
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
}

var (
	broadcast = netip.MustParseAddr("255.255.255.255")
	// thisNetwork is what the unspecified address belongs to.
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	// nat64 are the IPv6 addresses through which a translator reaches IPv4.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// CheckURL returns what stands against a URL as far as its text says: it must be
// http or https, with a host and without user and password, which would end up
// in objects and logs, and the host must not be an address that Fetch refuses.
// What a name resolves to is checked by Fetch. The error is Refused.
func (d Downloader) CheckURL(text string) error {
	_, err := d.parse(text)
	return err
}

// parse is CheckURL that returns the URL too.
func (d Downloader) parse(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil { // the cause is not told: it quotes the text, which may hold a signature
		return nil, refuse("the URL of the image is none: write it as https://host/path")
	}
	return address, d.checkAddress(address)
}

func (d Downloader) checkAddress(address *url.URL) error {
	switch {
	case address.Scheme != "http" && address.Scheme != "https":
		return refuse("the URL of the image begins with %q: it must begin with http:// or https://", address.Scheme+":")
	case address.Hostname() == "":
		return refuse("the URL of the image has no host: write it as %s://host/path", address.Scheme)
	case address.User != nil:
		return refuse("the URL %s has a user before its host, which everybody could read: use one that needs none, as a signed one", displayed(address))
	}
	if literal, err := netip.ParseAddr(address.Hostname()); err == nil {
		return d.checkIP(literal)
	}
	return nil
}

// checkIP refuses what only this node can reach, or what is no single host.
func (d Downloader) checkIP(ip netip.Addr) error {
	ip = effective(ip)
	if slices.ContainsFunc(d.Allow, func(allowed netip.Prefix) bool { return allowed.Contains(ip) }) {
		return nil
	}
	if kind := forbidden(ip); kind != "" {
		return refuse("images are not downloaded from %s, which is %s address: use a server that pods can reach, or allow the address with the driver's --download-allow", ip, kind)
	}
	return nil
}

// forbidden says what kind of forbidden address it is, "" for one that is not.
func forbidden(ip netip.Addr) string {
	switch {
	case slices.Contains(metadata, ip):
		return "a metadata service's"
	case ip.IsLoopback():
		return "a loopback"
	case ip.IsLinkLocalUnicast():
		return "a link-local"
	case ip.IsUnspecified(), thisNetwork.Contains(ip):
		return "an unspecified"
	case ip.IsMulticast():
		return "a multicast"
	case ip == broadcast:
		return "the broadcast"
	}
	return ""
}

// effective is where packets to the address end: within IPv6 there can be IPv4.
func effective(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if nat64.Contains(ip) {
		whole := ip.As16()
		return netip.AddrFrom4([4]byte(whole[12:]))
	}
	return ip
}

// control is called with the address of each connection before it is made. A
// name may resolve to another address every time, so this is the check that counts.
func (d Downloader) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	end, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse("the server's address %q is none of IP", address)
	}
	return d.checkIP(end.Addr())
}

// displayed is a URL as errors show it: without user and query, which may hold
// secrets.
func displayed(address *url.URL) string {
	shown := url.URL{Scheme: address.Scheme, Host: address.Host, Path: address.Path, RawPath: address.RawPath}
	return strings.ToValidUTF8(shown.String(), "?")
}
