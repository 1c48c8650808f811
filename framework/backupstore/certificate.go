package backupstore

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// validity is how long certificates last; no cluster of muster lives longer.
const validity = 365 * 24 * time.Hour

// Identity is a server certificate with its key and the CA behind it, in PEM and
// without white space around it.
type Identity struct {
	CA, Certificate, Key []byte
}

// NewIdentity makes a CA of its own and a server certificate for the names. The
// CA's key is forgotten at once: nothing else can ever be signed with it.
func NewIdentity(names []string) (Identity, error) {
	fail := func(err error) (Identity, error) {
		return Identity{}, fmt.Errorf("cannot make a certificate for the backupstore: %w", err)
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	caTemplate := template("muster backupstore CA")
	caTemplate.IsCA, caTemplate.BasicConstraintsValid, caTemplate.MaxPathLenZero = true, true, true
	caTemplate.KeyUsage = x509.KeyUsageCertSign
	ca, err := x509.CreateCertificate(rand.Reader, caTemplate, caTemplate, caKey.Public(), caKey)
	if err != nil {
		return fail(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	server := template(names[0])
	server.DNSNames = names
	server.KeyUsage = x509.KeyUsageDigitalSignature
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	certificate, err := x509.CreateCertificate(rand.Reader, server, caTemplate, key.Public(), caKey)
	if err != nil {
		return fail(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fail(err)
	}
	return Identity{CA: encode("CERTIFICATE", ca), Certificate: encode("CERTIFICATE", certificate), Key: encode("PRIVATE KEY", keyBytes)}, nil
}

func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // fails only when rand.Reader does, which ends the program
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		// An hour back, for nodes whose clock is behind.
		NotBefore: now.Add(-time.Hour),
		NotAfter:  now.Add(validity),
	}
}

func encode(kind string, der []byte) []byte {
	// Longhorn refuses credentials with a new line at their end.
	return bytes.TrimSpace(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
