package s3front

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Names of the files from which ReadConfig takes a Config; in a cluster they are
// the keys of a Secret.
const (
	FileCertificate = "tls.crt"
	FileKey         = "tls.key"
	FileUpstream    = "upstream"
	FileUpstreamCA  = "upstream-ca.crt"
)

// Config says what a front serves. It holds a private key: never log it.
type Config struct {
	// Listen is host:port; the system chooses a port when it is 0.
	Listen string
	// Certificate and Key are the front's own, in PEM.
	Certificate, Key []byte
	// Upstream is the store's URL, https://host:port.
	Upstream string
	// UpstreamCA holds the PEM certificates that the store's must lead to.
	UpstreamCA []byte
	// Log gets a line for each fault and each request that meets one. It must not be nil.
	Log *log.Logger
}

// ReadConfig reads certificate, key, URL and CA of the store from the files of
// the directory. Listen and Log are left to the caller.
func ReadConfig(directory string) (Config, error) {
	files := map[string][]byte{}
	for _, name := range []string{FileCertificate, FileKey, FileUpstream, FileUpstreamCA} {
		text, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			return Config{}, fmt.Errorf("cannot read what the front is made of, mount its secret at %s: %w", directory, err)
		}
		files[name] = text
	}
	return Config{
		Certificate: files[FileCertificate], Key: files[FileKey],
		Upstream: strings.TrimSpace(string(files[FileUpstream])), UpstreamCA: files[FileUpstreamCA],
	}, nil
}

// serverTLS is how the front shows itself to clients.
func (c Config) serverTLS() (*tls.Config, error) {
	pair, err := tls.X509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return nil, fmt.Errorf("the front's certificate and key cannot be used: %w", err)
	}
	// HTTP/1.1 only: there the end of a request's connection harms no other request.
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

// store is where the store is and how it is trusted.
func (c Config) store() (*url.URL, *tls.Config, error) {
	store, err := url.Parse(c.Upstream)
	if err != nil || store.Scheme != "https" || store.Port() == "" || strings.Trim(store.Path, "/") != "" {
		return nil, nil, fmt.Errorf("the store's URL %q cannot be used: write it as https://host:port", c.Upstream)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(c.UpstreamCA) {
		return nil, nil, errors.New("the store's CA holds no PEM certificate: put the one of its secret there")
	}
	return store, &tls.Config{RootCAs: pool, ServerName: store.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}
