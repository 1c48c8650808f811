package backupstore

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
)

func TestCertificateIsTrustedThroughItsCAForEveryName(t *testing.T) {
	id, err := NewIdentity(names)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(id.Certificate, id.Key)
	if err != nil {
		t.Fatalf("certificate and key do not belong together: %v", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(id.CA) {
		t.Fatal("the CA is no certificate")
	}
	for _, name := range names {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool}); err != nil {
			t.Errorf("for %s: %v", name, err)
		}
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: "elsewhere.example", Roots: pool}); err == nil {
		t.Error("the certificate is valid for a name it was not made for")
	}
	other, err := NewIdentity(names)
	if err != nil {
		t.Fatal(err)
	}
	stranger := x509.NewCertPool()
	stranger.AppendCertsFromPEM(other.CA)
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: names[0], Roots: stranger}); err == nil {
		t.Error("another cluster's CA is trusted")
	}
}
