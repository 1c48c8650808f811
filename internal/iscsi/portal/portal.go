// Package portal reads and writes the addresses of iSCSI portals.
package portal

import (
	"net"
	"strconv"
	"strings"

	"github.com/muster-csi/muster/internal/iscsi/failure"
)

// DefaultPort is the port that IANA gave to iSCSI.
const DefaultPort = 3260

// Portal is where a target listens.
type Portal struct {
	// Host is an IP address or a name, without brackets.
	Host string `json:"host"`
	// Port is a TCP port from 1 to 65535.
	Port int `json:"port"`
}

// Parse reads HOST, HOST:PORT or HOST:PORT,GROUP, where an IPv6 address with a
// port stands in brackets. The portal group, which only names come with, is left out.
func Parse(text string) (Portal, error) {
	address, group, grouped := strings.Cut(text, ",")
	if _, err := strconv.ParseUint(group, 10, 16); grouped && err != nil {
		return Portal{}, failure.New(failure.Invalid, "the portal %q has a group that is no number from 0 to 65535: write HOST:PORT,GROUP", text)
	}
	host, port := address, strconv.Itoa(DefaultPort)
	if net.ParseIP(address) == nil {
		var err error
		if host, port, err = split(address); err != nil {
			return Portal{}, failure.New(failure.Invalid, "the portal %q is no address: write HOST or HOST:PORT, an IPv6 address with a port in brackets", text)
		}
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return Portal{}, failure.New(failure.Invalid, "the portal %q has the port %q: give a number from 1 to 65535", text, port)
	}
	if host == "" || strings.ContainsAny(host, " \t\n\"'/\\%?#@") {
		return Portal{}, failure.New(failure.Invalid, "the portal %q has no valid host: give an IP address or a name", text)
	}
	return Portal{Host: host, Port: int(number)}, nil
}

func split(address string) (host, port string, err error) {
	if strings.Contains(address, ":") && !strings.HasSuffix(address, "]") {
		return net.SplitHostPort(address)
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]"), strconv.Itoa(DefaultPort), nil
}

// String returns HOST:PORT, an IPv6 address in brackets.
func (p Portal) String() string { return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)) }
