package image

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	for _, good := range []string{
		"http://server/image", "https://server.example:8443/a/b.qcow2?x=y", "http://10.0.0.1/", "http://192.168.1.1/", "https://[fd00::1]/image",
		"HTTP://server/", "http://172.16.0.1:80/%2F", "http://100.64.0.1/",
	} {
		if err := (Downloader{}).CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, fragment := range map[string]string{
		"":                             "http:// or https://",
		"server/image":                 "http:// or https://",
		"ftp://server/image":           "http:// or https://",
		"file:///etc/shadow":           "http:// or https://",
		"http:///image":                "no host",
		"http:image":                   "no host",
		"http://:80/":                  "no host",
		"http://user@server/":          "user",
		"https://user:word@server/":    "user",
		"http://ser ver/":              "https://host/path",
		"http://server:port/":          "https://host/path",
		"http://127.0.0.1/":            "loopback",
		"http://127.255.1.2:8080/":     "loopback",
		"http://[::1]/":                "loopback",
		"http://[::ffff:127.0.0.1]/":   "loopback",
		"http://[64:ff9b::7f00:1]/":    "loopback",
		"http://169.254.1.1/":          "link-local",
		"http://[fe80::1]/":            "link-local",
		"http://[fe80::1%25eth0]/":     "link-local",
		"http://0.0.0.0/":              "unspecified",
		"http://0.1.2.3/":              "unspecified",
		"http://[::]/":                 "unspecified",
		"http://224.0.0.1/":            "multicast",
		"http://[ff02::1]/":            "multicast",
		"http://255.255.255.255/":      "broadcast",
		"http://169.254.169.254/":      "metadata",
		"http://[fd00:ec2::254]/":      "metadata",
		"http://100.100.100.200/":      "metadata",
		"http://168.63.129.16/":        "metadata",
		"http://[::ffff:a9fe:a9fe]/":   "metadata",
		"http://[64:ff9b::a9fe:a9fe]/": "metadata",
	} {
		wantRefused(t, Downloader{}.CheckURL(bad), fragment)
		if err := (Downloader{}).Fetch(t.Context(), bad, target(t), nil); !errors.As(err, new(*Refused)) {
			t.Errorf("%s was fetched, %v", bad, err)
		}
	}
}

func TestAllowedAddressesAreNotRefused(t *testing.T) {
	d := Downloader{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.169.254/32"), netip.MustParsePrefix("fe80::/10")}}
	for _, good := range []string{"http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/", "http://[fe80::1%25eth0]/"} {
		if err := d.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://169.254.169.253/", "http://[::1]/"} {
		wantRefused(t, d.CheckURL(bad), "address")
	}
}

func TestLoopbackIsRefusedUnlessAllowed(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { version{`"v1"`, pattern(1, 512)}.serve(w, r) })
	wantRefused(t, Downloader{}.Fetch(t.Context(), server.URL, target(t), nil), "loopback")
	if n := len(server.requests()); n > 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

// A name says nothing of where it leads, so the address is checked when it is
// known. Here the check of the URL is left out, as if there had been a name.
func TestTheAddressOfTheConnectionIsChecked(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request, int) {})
	address, err := url.Parse(server.URL)
	must(t, err)
	x := newTransfer(Downloader{}.withDefaults(), address, server.URL, nil)
	x.path = target(t)
	err = x.attempt(t.Context())
	wantRefused(t, err, "loopback")
	if n := len(server.requests()); n > 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestRedirectsDoNotGiveUpEncryption(t *testing.T) {
	x := &transfer{}
	from, err := url.Parse("https://server/image?signature=hidden")
	must(t, err)
	_, err = x.redirect(from, "http://server/image?signature=hidden")
	wantRefused(t, err, "without encryption")
	if err != nil && strings.Contains(err.Error(), "hidden") {
		t.Errorf("the error shows the signature: %v", err)
	}
	if to, err := x.redirect(from, "https://other/image"); err != nil || to.Host != "other" {
		t.Errorf("%v, %v", to, err)
	}
}
